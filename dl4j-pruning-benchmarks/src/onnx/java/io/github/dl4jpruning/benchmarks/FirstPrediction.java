package io.github.dl4jpruning.benchmarks;

import io.github.dl4jpruning.runtime.SparseModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.factory.Nd4j;

/** The program that {@link StartUp} starts: it loads a network for digits and predicts once. */
final class FirstPrediction {

  private static final int PIXELS = 784;

  private FirstPrediction() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments[0].equals("runtime")) {
      SparseModel model = SparseModel.load(Path.of(arguments[1]));
      System.out.println(model.newSession().run(new float[PIXELS])[0]);
    } else {
      MultiLayerNetwork network =
          ModelSerializer.restoreMultiLayerNetwork(new File(arguments[1]), false);
      System.out.println(network.output(Nd4j.zeros(1, PIXELS)).getFloat(0));
    }
  }
}
