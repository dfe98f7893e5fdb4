package io.github.dl4jpruning.examples.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.examples.data.ImageFormat;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.SingletonDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.NeuralNetwork;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** The networks for colour images lose half of their channels and give the same. */
class ShrinkingTest {

  private static INDArray output(Model network, INDArray input) {
    return network instanceof ComputationGraph graph
        ? graph.outputSingle(input)
        : ((MultiLayerNetwork) network).output(input);
  }

  @ParameterizedTest
  @EnumSource(Cifar10Network.class)
  void shouldShrink(Cifar10Network kind) {
    List<String> classes = IntStream.range(0, 10).mapToObj(String::valueOf).toList();
    Model network = kind.build(new ImageFormat(3, 32, classes), 3, new Adam(0.001), 0.0);
    PruningListener.builder()
        .schedule(SparsitySchedules.constant(0.5))
        .pattern(SparsityPattern.coupledChannels())
        .build()
        .attachTo(network);
    Nd4j.getRandom().setSeed(1);
    INDArray images = Nd4j.rand(4, 3, 32, 32);
    DataSet batch = new DataSet(images, Nd4j.eye(10).getRows(0, 3, 5, 9));
    for (int step = 0; step < 2; step++) {
      ((NeuralNetwork) network).fit(new SingletonDataSetIterator(batch));
    }

    NetworkShrinker.Shrunk<Model> shrunk = NetworkShrinker.builder().build().apply(network);

    assertThat(shrunk.network().numParams()).isLessThan((int) (0.45 * network.numParams()));
    assertThat(shrunk.report().fullWidth()).isEmpty();
    double most =
        output(network, images).sub(output(shrunk.network(), images)).amaxNumber().doubleValue();
    assertThat(most).isLessThan(1e-5);
  }
}
