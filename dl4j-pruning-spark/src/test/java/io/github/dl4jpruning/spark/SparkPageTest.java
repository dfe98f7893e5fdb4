package io.github.dl4jpruning.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** What docs/spark.md shows is compiled and run here, line by line. */
class SparkPageTest {

  @Test
  void theExampleOfThePagePrunes(@TempDir Path folder) throws IOException {
    SparkConf conf = SparkFixtures.local(2);
    MultiLayerNetwork network = SparkFixtures.network(new Adam(0.01));
    String checkpoints = folder.toUri().toString();
    int batch = SparkFixtures.BATCH;
    // sample: train
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      JavaRDD<DataSet> data = spark.parallelize(SparkFixtures.batches(40), 2);
      ParameterAveragingTrainingMaster master =
          new ParameterAveragingTrainingMaster.Builder(2, batch) // workers, examples in a DataSet
              .batchSizePerWorker(batch)
              .averagingFrequency(5)
              .saveUpdater(true) // the default is false
              .rddTrainingApproach(RDDTrainingApproach.Direct)
              .build();
      PruningListener pruning =
          SparkPruning.of(
                  PruningListener.builder()
                      .schedule(SparsitySchedules.polynomial(0.0, 0.75, 10, 60))
                      .updateEvery(10)
                      .build()
                      .config())
              .checkpoints(checkpoints)
              .train(new SparkDl4jMultiLayer(spark, network, master), master, data, 4);
      System.out.println(SparsityReport.of(network) + " at target: " + pruning.isAtTarget());
    }
    // end
    assertThat(SparsityReport.of(network).sparsity()).isBetween(0.745, 0.755);
  }

  @Test
  void thePageShowsWhatIsRunHere() throws IOException {
    String page = Files.readString(Path.of("../docs/spark.md"));
    String own =
        Files.readString(Path.of("src/test/java/io/github/dl4jpruning/spark/SparkPageTest.java"));
    Matcher samples =
        Pattern.compile("// sample: \\w+\\n(.*?)\\n\\s*// end\\n", Pattern.DOTALL).matcher(own);
    assertThat(samples.find()).isTrue();
    assertThat(page)
        .contains(
            samples
                .group(1)
                .stripIndent()
                .strip()
                .replace("SparkFixtures.batches(40), 2", "batches"));
    assertThat(page.split("```java", -1)).as("blocks of Java").hasSize(2);
    // The flags of the page are those with which these tests run.
    for (String open : Cluster.opens()) {
      assertThat(page).contains(open.substring("--add-opens=".length()));
    }
  }
}
