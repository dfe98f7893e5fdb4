package io.github.dl4jpruning.checkpoint;

import static io.github.dl4jpruning.checkpoint.CheckpointFixtures.ramp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Checkpoints that are damaged, incomplete, forged or of another network are refused, within little
 * memory.
 */
class PruningCheckpointDamageTest {

  @TempDir Path folder;

  private Path saved() throws IOException {
    MultiLayerNetwork network = Networks.withDropout(new Adam(.01));
    PruningListener pruning = ramp().build();
    pruning.attachTo(network);
    for (int t = 0; t < 10; t++) {
      network.fit(Recipe.of(Kind.DENSE).batch(t));
    }
    Path file = folder.resolve("saved.zip");
    PruningCheckpoint.save(network, pruning, file);
    return file;
  }

  @Test
  void anotherConfigurationOrNetworkIsRefused() throws IOException {
    Path file = saved();
    PruningListener other = ramp().updateEvery(5).build();
    assertThatThrownBy(() -> PruningCheckpoint.load(file, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("updateEvery 5")
        .hasMessageContaining("updateEvery 3");
    PruningListener fewer =
        ramp().parameters(ParameterFilter.weights().onlyLayers("layer1")).build();
    assertThatThrownBy(() -> PruningCheckpoint.load(file, fewer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the state of 1 tensors (layer1.W with the shape 12×6)")
        .hasMessageContaining("found 3");
    // Neither listener is bound by the attempt.
    MultiLayerNetwork fresh = Networks.withDropout(new Adam(.01));
    other.attachTo(fresh);

    Path stock = folder.resolve("stock.zip");
    ModelSerializer.writeModel(fresh, stock.toFile(), true);
    assertThatThrownBy(() -> PruningCheckpoint.load(stock))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stock.zip: expected a checkpoint with the entry pruning.bin")
        .hasMessageContaining("adoptZeros");

    // The masks of one network, in the file of another.
    Path mixed = folder.resolve("mixed.zip");
    Recipe convolution = Recipe.of(Kind.CONVOLUTION);
    MultiLayerNetwork another = convolution.build();
    PruningListener anothers = ramp().build();
    anothers.attachTo(another);
    another.fit(convolution.batch(1));
    Path second = folder.resolve("second.zip");
    PruningCheckpoint.save(another, anothers, second);
    rewrite(file, mixed, "coefficients.bin", bytes(second, "coefficients.bin"));
    assertThatThrownBy(() -> PruningCheckpoint.load(mixed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("parameters: expected ")
        .hasMessageContaining("but found");
  }

  private static byte[] bytes(Path zip, String name) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile());
        InputStream in = file.getInputStream(file.getEntry(name))) {
      return in.readAllBytes();
    }
  }

  /** Copies a zip file with one entry replaced: its checksums are right then. */
  private static void rewrite(Path from, Path to, String name, byte[] content) throws IOException {
    try (ZipFile file = new ZipFile(from.toFile());
        OutputStream out = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Enumeration<? extends ZipEntry> all = file.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        zip.putNextEntry(new ZipEntry(entry.getName()));
        try (InputStream in = file.getInputStream(entry)) {
          zip.write(entry.getName().equals(name) ? content : in.readAllBytes());
        }
        zip.closeEntry();
      }
    }
  }

  /** Either it is refused, or nothing was lost. */
  private static void check(Path file, long[] bits, double sparsity) {
    try {
      PruningCheckpoint loaded = PruningCheckpoint.load(file);
      assertThat(Invariants.bits(loaded.network())).isEqualTo(bits);
      assertThat(loaded.pruning().sparsity()).isEqualTo(sparsity);
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
    }
  }

  @Test
  void damagedFilesAreRefusedWithinLittleMemory() throws IOException {
    Path file = saved();
    byte[] whole = Files.readAllBytes(file);
    PruningCheckpoint good = PruningCheckpoint.load(file);
    long[] bits = Invariants.bits(good.network());
    double sparsity = good.pruning().sparsity();
    List<String> names =
        List.of("configuration.json", "coefficients.bin", "updaterState.bin", "pruning.bin");
    Path bad = folder.resolve("bad.zip");
    Random random = new Random(8);
    long before = Pointer.totalBytes();
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long most = 0;
    for (int i = 0; i < LongForm.choose(2_000, 10_000); i++) {
      switch (i % 5) {
        case 0 -> Files.write(bad, Arrays.copyOf(whole, random.nextInt(whole.length)));
        case 1, 2 -> {
          byte[] flipped = whole.clone();
          for (int flips = random.nextInt(3); flips >= 0; flips--) {
            flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
          }
          Files.write(bad, flipped);
        }
        case 3 -> {
          byte[] lengths = whole.clone();
          int at = random.nextInt(whole.length - 4);
          byte[] value = {
            (byte) random.nextInt(256), (byte) random.nextInt(256), (byte) random.nextInt(256), 127
          };
          System.arraycopy(value, 0, lengths, at, 4);
          Files.write(bad, lengths);
        }
        default -> {
          // Inside an entry, with the zip's own checksum made right again.
          String name = names.get(random.nextInt(names.size()));
          byte[] content = bytes(file, name);
          if (random.nextBoolean()) {
            content = Arrays.copyOf(content, random.nextInt(2 * content.length));
          } else {
            int near = random.nextBoolean() ? Math.min(200, content.length) : content.length;
            content[random.nextInt(near)] = (byte) random.nextInt(256);
          }
          rewrite(file, bad, name, content);
        }
      }
      long start = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      check(bad, bits, sparsity);
      most =
          Math.max(most, threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - start);
    }
    assertThat(most).as("bytes of heap for one file").isLessThan(64L << 20);
    assertThat(Pointer.totalBytes() - before).as("bytes off heap").isLessThan(256L << 20);
  }

  @Test
  void headersThatLieAreRefused() throws IOException {
    Path file = saved();
    byte[] own = bytes(file, "pruning.bin");
    Path bad = folder.resolve("lying.zip");

    byte[] version = own.clone();
    version[11] = 9;
    rewrite(file, bad, "pruning.bin", version);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .hasMessageContaining("expected a pruning checkpoint of version 1, but found version 9");

    byte[] length = own.clone();
    length[12] = 127;
    rewrite(file, bad, "pruning.bin", length);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .hasMessageContaining("expected a header of at most");

    // A head of the parameters that asks for two billion of them.
    byte[] parameters = bytes(file, "coefficients.bin");
    ByteArrayOutputStream huge = new ByteArrayOutputStream();
    huge.write(parameters);
    byte[] lying = huge.toByteArray();
    int at = indexOf(lying, "FLOAT") - 2 - 8; // a long, and the length of the text
    lying[at + 4] = 127;
    rewrite(file, bad, "coefficients.bin", lying);
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("parameters: expected 195 values of type FLOAT, but found 21");

    Files.writeString(bad, "not a zip file at all");
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a zip file");
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
  }

  @Test
  void whatIsMissingIsNotMadeUp() throws IOException {
    Path file = saved();
    byte[] own = bytes(file, "pruning.bin");
    CheckpointHeader header = CheckpointHeader.read(new java.io.ByteArrayInputStream(own));
    int length = headerLength(header);
    Path bad = folder.resolve("missing.zip");
    for (String name : List.of("configuration.json", "coefficients.bin", "updaterState.bin")) {
      CheckpointHeader fewer =
          new CheckpointHeader(
              header.kind(),
              header.constraintsPending(),
              header.randomRoot(),
              header.randomNode(),
              header.recipe(),
              header.entries().stream().filter(e -> !e.name().equals(name)).toList());
      rewrite(file, bad, "pruning.bin", joined(fewer, own, length));
      assertThatThrownBy(() -> PruningCheckpoint.load(bad))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected one entry " + name + ", but found 0");
    }
    CheckpointHeader badRecipe =
        new CheckpointHeader(
            header.kind(),
            header.constraintsPending(),
            header.randomRoot(),
            header.randomNode(),
            "schedule: nothing",
            header.entries());
    rewrite(file, bad, "pruning.bin", joined(badRecipe, own, length));
    assertThatThrownBy(() -> PruningCheckpoint.load(bad))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the pruning configuration cannot be read");

    // A configuration that asks for more than is there is not made a network of.
    byte[] greedy =
        new String(bytes(file, "configuration.json"), StandardCharsets.UTF_8)
            .replace("\"nin\" : 7", "\"nin\" : 70000000")
            .replace("\"nIn\" : 7", "\"nIn\" : 70000000")
            .getBytes(StandardCharsets.UTF_8);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(greedy);
    CheckpointHeader large =
        new CheckpointHeader(
            header.kind(),
            header.constraintsPending(),
            header.randomRoot(),
            header.randomNode(),
            header.recipe(),
            header.entries().stream()
                .map(
                    e ->
                        e.name().equals("configuration.json")
                            ? new CheckpointHeader.Entry(e.name(), greedy.length, crc.getValue())
                            : e)
                .toList());
    Path larger = folder.resolve("larger.zip");
    rewrite(file, bad, "configuration.json", greedy);
    rewrite(bad, larger, "pruning.bin", joined(large, own, length));
    assertThatThrownBy(() -> PruningCheckpoint.load(larger))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bytes of parameters, but the configuration has 840000");
  }

  private static int headerLength(CheckpointHeader header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    header.write(bytes);
    return bytes.size();
  }

  private static byte[] joined(CheckpointHeader header, byte[] own, int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    header.write(bytes);
    bytes.write(own, length, own.length - length);
    return bytes.toByteArray();
  }
}
