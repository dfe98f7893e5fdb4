package io.github.dl4jpruning.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  private static final int LENGTH = 200_000;

  @TempDir private Path folder;

  private static void write(Path file, int value) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          byte[] part = new byte[LENGTH / 10];
          java.util.Arrays.fill(part, (byte) value);
          for (int i = 0; i < 10; i++) {
            out.write(part);
          }
        });
  }

  /** A whole file is of one length and one value. */
  private static void checkWhole(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(LENGTH);
    assertThat(bytes).containsOnly(bytes[0]);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void severalWritersOfOneNameLeaveAWholeFileAtAnyTime() throws Exception {
    Path file = folder.resolve("model.zip");
    write(file, 0);
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try {
      List<Future<Void>> ends = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        int value = w;
        Callable<Void> writer =
            () -> {
              for (int i = 0; i < 25; i++) {
                write(file, value);
              }
              return null;
            };
        ends.add(writers.submit(writer));
      }
      while (ends.stream().anyMatch(end -> !end.isDone())) {
        checkWhole(file);
      }
      for (Future<Void> end : ends) {
        end.get(1, TimeUnit.MINUTES); // none of them failed
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(names(folder)).containsExactly("model.zip");
  }

  private Path old(String name, int seconds) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, new byte[5]);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
    return file;
  }

  @Test
  void whatADeadWriterHasLeftIsDeletedByTheNext() throws IOException {
    old("model.zip.abc.tmp", 60);
    old("model.zip.tmp", 60); // as it was called once
    old("model.zip.young.tmp", 5);
    old("other.zip.abc.tmp", 60);
    old("model.zip.bak", 60);
    write(folder.resolve("model.zip"), 1);
    assertThat(names(folder))
        .containsExactly("model.zip", "model.zip.bak", "model.zip.young.tmp", "other.zip.abc.tmp");
  }

  @Test
  void whatALivingWriterHasLeftIsNot() throws IOException {
    Path slow = old("model.zip.slow.tmp", 600);
    try (FileChannel channel = FileChannel.open(slow, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      write(folder.resolve("model.zip"), 1);
      assertThat(slow).exists();
    }
    write(folder.resolve("model.zip"), 2);
    assertThat(names(folder)).containsExactly("model.zip");
  }

  @Test
  void aWriterThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("model.zip");
    write(file, 1);
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[70_000]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected to write it, but found: No space left on device");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      throw new IllegalStateException("not ready");
                    }))
        .isInstanceOf(IllegalStateException.class);
    checkWhole(file);
    assertThat(names(folder)).containsExactly("model.zip");
    assertThatThrownBy(() -> write(file.resolve("inside.zip"), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.zip");
    assertThatThrownBy(() -> write(Path.of("/"), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the name of a file");
  }

  @Test
  void anyFileSystemWillDo() throws IOException {
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Path file = memory.getPath("/made/here/model.zip");
      write(file, 1);
      write(file, 2);
      checkWhole(file);
      assertThat(names(file.getParent())).containsExactly("model.zip");
    }
    URI zip = URI.create("jar:" + folder.resolve("archive.zip").toUri());
    try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path file = inside.getPath("/made/here/model.bin");
      write(file, 3);
      write(file, 4);
      checkWhole(file);
      assertThat(names(file.getParent())).containsExactly("model.bin");
    }
  }

  @Test
  void aFolderBelongsToOneJob() throws IOException {
    Path used = folder.resolve("runs/mine");
    try (FolderLock lock = FolderLock.of(used)) {
      assertThat(lock).isNotNull();
      for (Path spelled : List.of(used, folder.resolve("runs/../runs/./mine"))) {
        assertThatThrownBy(() -> FolderLock.of(spelled))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("runs")
            .hasMessageContaining("expected a folder that no other job writes to")
            .hasMessageContaining("name another folder");
      }
      FolderLock.of(folder.resolve("runs/other")).close();
    }
    FolderLock.of(used).close();
    FolderLock.of(Optional.empty()).close();
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix());
        FolderLock lock = FolderLock.of(memory.getPath("/runs"))) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> FolderLock.of(memory.getPath("/runs")))
          .isInstanceOf(IOException.class);
    }
  }
}
