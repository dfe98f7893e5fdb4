package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.SparsityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver is killed twice and started again: the job ends as if nothing had happened. */
@Timeout(300)
class DriverRestartTest {

  private static Process start(Path folder) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(Cluster.java(), "-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(Cluster.opens());
    command.add("-Dorg.nd4j.log.initialization=false");
    command.add(DriverProgram.class.getName());
    command.add(folder.toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("driver.log").toFile()))
        .start();
  }

  private static boolean hasPassed(Path checkpoints, int epoch, int round) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .flatMap(file -> SparkCheckpoints.Position.of(file.getFileName().toString()).stream())
          .anyMatch(at -> at.epoch() > epoch || (at.epoch() == epoch && at.round() >= round));
    }
  }

  @Test
  void aKilledDriverGoesOn(@TempDir Path folder) throws IOException, InterruptedException {
    Path checkpoints = folder.resolve("checkpoints");
    for (int[] until : new int[][] {{0, 4}, {1, 3}}) {
      Process driver = start(folder);
      while (!hasPassed(checkpoints, until[0], until[1])) {
        assertThat(driver.isAlive()).as(Files.readString(folder.resolve("driver.log"))).isTrue();
        TimeUnit.MILLISECONDS.sleep(20);
      }
      driver.destroyForcibly().waitFor();
      assertThat(folder.resolve("trained.zip")).doesNotExist();
    }
    Process last = start(folder);
    assertThat(last.waitFor()).as(Files.readString(folder.resolve("driver.log"))).isZero();
    MultiLayerNetwork trained =
        MultiLayerNetwork.load(folder.resolve("trained.zip").toFile(), true);

    try (JavaSparkContext context = new JavaSparkContext(SparkFixtures.local(2))) {
      MultiLayerNetwork undisturbed =
          DriverProgram.train(context, folder.resolve("other")).getNetwork();
      assertThat(trained.params().distance2(undisturbed.params())).isLessThan(1e-5);
      assertThat(SparkFixtures.zeros(trained)).isEqualTo(SparkFixtures.zeros(undisturbed));
      double accuracy = Digits.accuracy(undisturbed);
      assertThat(accuracy).isGreaterThan(0.8);
      assertThat(Digits.accuracy(trained)).isCloseTo(accuracy, within(0.005));
    }
    assertThat(SparsityReport.of(trained).sparsity()).isCloseTo(0.9, within(1e-4));
    assertThat(Files.readString(folder.resolve("driver.log"))).contains("Resumed at epoch");
  }
}
