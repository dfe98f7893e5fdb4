package io.github.dl4jpruning.spark;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.replicas.HeldMasks;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Measures what masks of 90% cost driver and workers, without Spark around them. Not a test: run it
 * by hand, with the width of a square layer, for instance 1000 for a million weights.
 */
final class MaskCost {

  private static final int TIMES = 15;
  private static final double NANOS_PER_MILLI = 1e6;

  private MaskCost() {}

  /**
   * Prints medians in milliseconds.
   *
   * @param arguments widths
   */
  public static void main(String[] arguments) {
    for (String width : arguments) {
      measure(Integer.parseInt(width));
    }
  }

  private static void measure(int width) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(1e-7))
                .list()
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(width)
                        .nOut(width)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
    network.init();
    network.fit(new DataSet(Nd4j.rand(2, width), Nd4j.rand(2, width)));
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.9)).build();
    pruning.attachTo(network);
    network.fit(new DataSet(Nd4j.rand(2, width), Nd4j.rand(2, width)));
    List<Mask> masks = pruning.masks();
    pruning.detach();
    PackedMask packed = PackedMask.of("layer0.W", masks.get(0));
    HeldMasks held = HeldMasks.of(network, Map.of("layer0.W", masks.get(0)));
    held.beforeStep();

    double pack = millis(() -> PackedMask.of("layer0.W", masks.get(0)));
    double write =
        millis(() -> HeldMasks.of(network, Map.of("layer0.W", packed.unpacked())).beforeStep());
    double begin =
        millis(
            () -> HeldMasks.ofPruned(network, Map.of("layer0.W", packed.unpacked())).beforeStep());
    double hold =
        millis(
            () -> {
              held.beforeStep();
              held.afterStep();
            });
    System.out.printf(
        Locale.ROOT,
        "%,d weights: pack %.2f ms, begin a round with new masks %.2f ms, with known ones %.2f ms,"
            + " each iteration %.2f ms%n",
        (long) width * width,
        pack,
        write,
        begin,
        hold);
  }

  private static double millis(Runnable work) {
    return DoubleStream.generate(
            () -> {
              long start = System.nanoTime();
              work.run();
              return (System.nanoTime() - start) / NANOS_PER_MILLI;
            })
        .limit(TIMES)
        .sorted()
        .toArray()[TIMES / 2];
  }
}
