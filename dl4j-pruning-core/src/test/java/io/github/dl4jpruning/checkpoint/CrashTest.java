package io.github.dl4jpruning.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** A real process that trains, killed again and again, ends where an undisturbed one does. */
class CrashTest {

  private static final int ITERATIONS = 900;
  private static final int KILLS = LongForm.choose(3, 20);
  private static final int SAVE_EVERY = 3;

  /** Trains on, from the last checkpoint if there is one, saving every few iterations. */
  public static void main(String[] arguments) throws IOException {
    MultiLayerNetwork trained = train(Optional.of(Path.of(arguments[0])));
    Files.writeString(Path.of(arguments[1]), text(trained));
  }

  private static MultiLayerNetwork train(Optional<Path> folder) throws IOException {
    MultiLayerNetwork network = null;
    PruningListener pruning = null;
    if (folder.isPresent()) {
      Optional<Path> latest = PruningCheckpointListener.latest(folder.get());
      if (latest.isPresent()) {
        PruningCheckpoint loaded = PruningCheckpoint.load(latest.get());
        network = loaded.multiLayerNetwork();
        pruning = loaded.pruning();
      }
    }
    if (network == null) {
      network = Networks.withDropout(new Adam(.01));
      pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.polynomial(0, .9, 50, ITERATIONS - 100))
              .updateEvery(7)
              .criterion(ImportanceCriterion.movement())
              .build();
      pruning.attachTo(network);
    }
    if (folder.isPresent()) {
      network.addListeners(
          PruningCheckpointListener.builder(folder.get(), pruning)
              .everyIterations(SAVE_EVERY)
              .keepLast(2)
              .build());
    }
    DataSet[] batches = new DataSet[10];
    for (int b = 0; b < batches.length; b++) {
      batches[b] = Recipe.of(Kind.DENSE).batch(b);
    }
    for (int made = 0; network.getIterationCount() < ITERATIONS; made++) {
      network.fit(batches[network.getIterationCount() % batches.length]);
      if (folder.isPresent() && made == SAVE_EVERY) {
        System.out.println("training"); // and one checkpoint is of this process
      }
    }
    return network;
  }

  private static String text(MultiLayerNetwork network) {
    StringBuilder text = new StringBuilder();
    for (long bits : Invariants.bits(network)) {
      text.append(Long.toHexString(bits)).append('\n');
    }
    return text.toString();
  }

  private static Process start(Path folder, Path result) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dorg.nd4j.log.initialization=false"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CrashTest.class.getName(), folder.toString(), result.toString()));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("errors.txt").toFile()))
        .start();
  }

  @Test
  void aTrainingThatIsKilledAgainAndAgainEndsWithTheSameBits(@TempDir Path temp) throws Exception {
    String undisturbed = text(train(Optional.empty()));
    Random random = new Random(20);
    int kills = 0;
    int checked = 0;
    for (int run = 0; kills < KILLS; run++) {
      Path folder = Files.createDirectory(temp.resolve("run" + run));
      Path result = folder.resolve("result.txt");
      while (!Files.exists(result)) {
        Process process = start(folder, result);
        try (BufferedReader out = process.inputReader()) {
          // One in five is killed before it trains, perhaps while it loads; the others while they
          // train, and often while they save.
          int wait = random.nextInt(900);
          if (kills % 5 != 4 && out.readLine() == null) {
            wait = 60_000; // there was little left to do
          }
          boolean ended = process.waitFor(wait, TimeUnit.MILLISECONDS);
          if (!ended && kills < KILLS) {
            process.destroyForcibly().waitFor(); // SIGKILL
            kills++;
          } else {
            assertThat(process.waitFor()).as(errors(folder)).isZero();
          }
        }
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".zip")).toList()) {
            assertThat(PruningCheckpoint.load(file).network().numParams()).isPositive();
            checked++;
          }
        }
      }
      assertThat(Files.readString(result)).isEqualTo(undisturbed);
    }
    assertThat(kills).isEqualTo(KILLS);
    assertThat(checked).as("checkpoints that were found and read").isGreaterThan(KILLS);
  }

  private static String errors(Path folder) throws IOException {
    Path errors = folder.resolve("errors.txt");
    return Files.exists(errors) ? Files.readString(errors) : "";
  }
}
