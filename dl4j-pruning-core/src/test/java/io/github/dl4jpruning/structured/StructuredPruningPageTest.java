package io.github.dl4jpruning.structured;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation.Metric;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The samples of docs/structured-pruning.md are compiled and run here. */
class StructuredPruningPageTest {

  private static final Path PAGE = Path.of("../docs/structured-pruning.md");

  private static MultiLayerNetwork toATarget(
      MultiLayerNetwork network, DataSetIterator train, DataSetIterator validation)
      throws IOException {
    // sample
    StructuredPruningResult<MultiLayerNetwork> result =
        StructuredPruner.builder()
            .targetMacs(0.25) // or targetParameters, targetLatency
            .rounds(3)
            .fineTuneEpochs(3)
            .scoreCalculator(new ClassificationScoreCalculator(Metric.ACCURACY, validation))
            .maxScoreDrop(0.01)
            .build()
            .prune(network, train);
    MultiLayerNetwork smaller = result.network();
    System.out.println(result);
    // end
    return smaller;
  }

  private static MultiLayerNetwork masked(MultiLayerNetwork network, DataSetIterator train) {
    // sample
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.5, 100, 600)) // half of all channels
            .pattern(SparsityPattern.coupledChannels())
            .build();
    pruning.attachTo(network);
    network.fit(train, 8);
    MultiLayerNetwork smaller = NetworkShrinker.shrink(network);
    // end
    return smaller;
  }

  private static NetworkShrinker.Shrunk<MultiLayerNetwork> dead(MultiLayerNetwork network) {
    // sample
    NetworkShrinker.Shrunk<MultiLayerNetwork> shrunk =
        NetworkShrinker.builder()
            .roundWidthsTo(8) // keep dead channels up to a multiple
            .exceptLayers("embedding*")
            .build()
            .apply(network);
    System.out.println(shrunk.report());
    // end
    return shrunk;
  }

  private static DataSetIterator data(Recipe recipe, int batches) {
    List<DataSet> list = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      list.addAll(recipe.batch(i).asList());
    }
    return new ListDataSetIterator<>(list, Networks.BATCH);
  }

  /** The class is the sign of the first feature: a few units are enough. */
  private static DataSetIterator signs() {
    Nd4j.getRandom().setSeed(7);
    INDArray features = Nd4j.randn(120, 6);
    INDArray positive = features.getColumn(0).gt(0).castTo(DataType.FLOAT);
    INDArray labels = Nd4j.create(120, 2);
    labels.putColumn(0, positive.rsub(1));
    labels.putColumn(1, positive);
    return new ListDataSetIterator<>(new DataSet(features, labels).asList(), 20);
  }

  private static MultiLayerNetwork wide() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .activation(Activation.RELU)
                .list()
                .layer(new DenseLayer.Builder().nIn(6).nOut(32).build())
                .layer(new DenseLayer.Builder().nIn(32).nOut(32).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(32)
                        .nOut(2)
                        .build())
                .build());
    network.init();
    return network;
  }

  @Test
  void samplesRun() throws IOException {
    MultiLayerNetwork wide = wide();
    DataSetIterator signs = signs();
    wide.fit(signs, 40);
    double accuracy = wide.evaluate(signs).accuracy();
    MultiLayerNetwork small = toATarget(wide, signs, signs);
    assertThat(accuracy).isGreaterThan(0.95);
    assertThat(small.evaluate(signs).accuracy()).isGreaterThanOrEqualTo(accuracy - 0.01);
    assertThat((double) SparsityReport.of(small).macs().orElseThrow())
        .isLessThanOrEqualTo(0.25 * SparsityReport.of(wide).macs().orElseThrow());

    Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    MultiLayerNetwork half = masked(network, data(recipe, 90));
    assertThat(half.numParams()).isLessThan(network.numParams() * 3 / 4);
    assertThat(dead(renamed(recipe)).report().removed()).isZero();
  }

  /** A network with a layer of the name that the sample leaves alone. */
  private static MultiLayerNetwork renamed(Recipe recipe) {
    MultiLayerNetwork network = recipe.build();
    String json =
        network
            .getLayerWiseConfigurations()
            .toJson()
            .replace("\"layerName\" : \"hidden\"", "\"layerName\" : \"embedding1\"");
    MultiLayerNetwork renamed =
        new MultiLayerNetwork(org.deeplearning4j.nn.conf.MultiLayerConfiguration.fromJson(json));
    renamed.init();
    return renamed;
  }

  @Test
  void samplesOnThePageAreThese() throws IOException {
    String source =
        Files.readString(
            Path.of(
                "src/test/java/io/github/dl4jpruning/structured/StructuredPruningPageTest.java"));
    List<String> here = new ArrayList<>();
    Matcher sample =
        Pattern.compile("    // sample\\n(.*?)\\n    // end\\n", Pattern.DOTALL).matcher(source);
    while (sample.find()) {
      here.add(sample.group(1).stripIndent().strip());
    }
    List<String> there = new ArrayList<>();
    Matcher block =
        Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    while (block.find()) {
      there.add(block.group(1).strip());
    }
    assertThat(here).hasSize(3).isEqualTo(there);
  }
}
