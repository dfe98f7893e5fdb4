package io.github.dl4jpruning.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

  @TempDir Path folder;

  @Test
  void shouldReadFromAnyFileSystem() throws IOException {
    URI uri = URI.create("jar:" + folder.resolve("a.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(uri, Map.of("create", "true"))) {
      Path file = Files.writeString(zip.getPath("/a.txt"), "‖W‖₀");

      assertThat(WholeFile.text(file)).isEqualTo("‖W‖₀");
      assertThat(WholeFile.read(file)).hasSize(10);
    }
  }

  @Test
  void shouldNameTheFileWhateverGoesWrong() throws IOException {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> WholeFile.read(none))
        .isInstanceOf(IOException.class)
        .hasMessage(none + ": expected a file that can be read, but found NoSuchFileException");
    // Java's own message is "Is a directory", and no more.
    assertThatThrownBy(() -> WholeFile.text(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder + ": expected a file that can be read, but found ");
    Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xFF});
    assertThatThrownBy(() -> WholeFile.text(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage(bytes + ": expected text in UTF-8, but found other bytes");
  }
}
