package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.io.AtomicFile;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Many processes that write one name, killed at random: what is read is always whole, and what the
 * dead have left goes.
 *
 * <p>The writers know nothing of ND4J, so that fifty of them fit into a machine: they write copies
 * of checkpoints and compact files that were made before, by the class that writes all files.
 */
class ManyWritersTest {

  /** Writes copies of the given files in turn, until it is killed or its time is over. */
  public static void main(String[] arguments) throws IOException {
    Path target = Path.of(arguments[0]);
    Instant end = Instant.now().plusSeconds(Long.parseLong(arguments[1]));
    List<byte[]> contents = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) {
      contents.add(Files.readAllBytes(Path.of(arguments[i])));
    }
    Random random = new Random(ProcessHandle.current().pid());
    while (Instant.now().isBefore(end)) {
      byte[] content = contents.get(random.nextInt(contents.size()));
      AtomicFile.write(
          target,
          out -> {
            for (int at = 0; at < content.length; at += 1 << 14) {
              out.write(content, at, Math.min(1 << 14, content.length - at));
            }
          });
    }
  }

  private static List<String> checkpoints(Path folder) throws IOException {
    List<String> files = new ArrayList<>();
    for (int seed = 0; seed < 2; seed++) {
      MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).with(new Adam(0.01 + seed)).build();
      PruningListener pruning =
          PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
      pruning.attachTo(network);
      network.fit(Recipe.of(Kind.CONVOLUTION).batch(seed));
      Path file = folder.resolve("source" + seed + ".zip");
      PruningCheckpoint.save(network, pruning, file);
      files.add(file.toString());
    }
    return files;
  }

  private static Process start(Path target, long seconds, List<String> sources) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx64m", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(ManyWritersTest.class.getName(), target.toString(), Long.toString(seconds)));
    command.addAll(sources);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(target.resolveSibling("output.txt").toFile())
        .start();
  }

  @Test
  void shouldAlwaysLeaveAWholeFile(@TempDir Path folder) throws Exception {
    boolean whole = LongForm.isOn();
    int writers = whole ? 50 : 6;
    Duration time = Duration.ofSeconds(whole ? 60 : 6);
    Path target = Files.createDirectories(folder.resolve("out")).resolve("run.zip");
    List<String> sources = checkpoints(folder);
    Files.copy(Path.of(sources.get(0)), target);
    Random random = new Random(3);
    List<Process> running = new ArrayList<>();
    int killed = 0;
    int read = 0;
    Instant end = Instant.now().plus(time);
    while (Instant.now().isBefore(end)) {
      while (running.size() < writers) {
        running.add(start(target, time.toSeconds(), sources));
      }
      MultiLayerNetwork loaded = PruningCheckpoint.load(target).multiLayerNetwork();
      assertThat(loaded.getIterationCount()).isEqualTo(1);
      read++;
      if (random.nextInt(4) == 0) {
        Process victim = running.remove(random.nextInt(running.size()));
        victim.destroyForcibly().waitFor(); // SIGKILL
        killed++;
      }
    }
    for (Process process : running) {
      process.destroyForcibly().waitFor();
      killed++;
    }
    assertThat(Files.readString(target.resolveSibling("output.txt"))).isEmpty();
    assertThat(killed).isGreaterThanOrEqualTo(writers);
    assertThat(read).as("loads of a whole file").isGreaterThan(5);
    PruningCheckpoint.load(target);
    shouldDeleteWhatIsLeft(target, sources);
  }

  /** A minute later, as far as the system can tell. */
  private static void shouldDeleteWhatIsLeft(Path target, List<String> sources) throws IOException {
    try (Stream<Path> files = Files.list(target.getParent())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".tmp")).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
      }
    }
    byte[] content = Files.readAllBytes(Path.of(sources.get(1)));
    AtomicFile.write(target, out -> out.write(content));
    try (Stream<Path> files = Files.list(target.getParent())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("run.zip", "output.txt");
    }
    assertThat(target).hasBinaryContent(content);
  }
}
