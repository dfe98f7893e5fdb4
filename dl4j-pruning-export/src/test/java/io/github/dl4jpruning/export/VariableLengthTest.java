package io.github.dl4jpruning.export;

import io.github.dl4jpruning.runtime.SparseModel;
import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * In the runtime, a sequence with its own length gives the same result as in DL4J within a batch
 * that is padded at the end to one length and has a mask. This does not hold for {@code
 * Bidirectional}: DL4J's backward direction begins with the padding, so its outputs depend on the
 * longest sequence of a batch.
 */
@SuppressWarnings("deprecation") // DL4J still has a GravesBidirectionalLSTM
class VariableLengthTest {

  private static final int LONGEST = 6;
  private static final int[] LENGTHS = {6, 1, 4};

  private static Stream<Layer> layers() {
    return Stream.of(
        new RnnOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
        new LSTM.Builder().nOut(4).build(),
        new SimpleRnn.Builder().nOut(4).build(),
        new GravesBidirectionalLSTM.Builder().nOut(4).build(),
        new LastTimeStep(new LSTM.Builder().nOut(3).build()),
        new GlobalPoolingLayer(PoolingType.MAX),
        new GlobalPoolingLayer(PoolingType.AVG),
        new GlobalPoolingLayer(PoolingType.SUM),
        new GlobalPoolingLayer(PoolingType.PNORM));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void paddedBatches(Layer layer) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(4)
                .activation(Activation.TANH)
                .list()
                .layer(new LSTM.Builder().nOut(3).build())
                .layer(layer)
                .setInputType(InputType.recurrent(3))
                .build());
    network.init();
    Agreement.prune(network, 5);
    SparseModel model = Agreement.exported(network, ExportOptions.defaults());
    SparseModel.Session session = model.newSession();
    INDArray features = Nd4j.rand(LENGTHS.length, 3, LONGEST);
    INDArray mask = Nd4j.zeros(LENGTHS.length, LONGEST);
    for (int i = 0; i < LENGTHS.length; i++) {
      for (int step = 0; step < LENGTHS[i]; step++) {
        mask.putScalar(i, step, 1.0);
      }
    }
    INDArray outputs = network.output(features, false, mask, null);
    for (int i = 0; i < LENGTHS.length; i++) {
      float[] expected = Agreement.flat(cut(Agreement.example(outputs, i), LENGTHS[i]));
      float[] input = Agreement.flat(cut(Agreement.example(features, i), LENGTHS[i]));
      String what = layer + " with " + LENGTHS[i] + " of the steps " + Arrays.toString(LENGTHS);
      Agreement.assertClose(session.run(input), expected, what);
    }
  }

  private static INDArray cut(INDArray one, int length) {
    return one.rank() < 3
        ? one
        : one.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, length));
  }
}
