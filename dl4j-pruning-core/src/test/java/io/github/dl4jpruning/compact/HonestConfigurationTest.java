package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.variational.GaussianReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** What DL4J writes of its own is not taken for hostile, however unusual. */
class HonestConfigurationTest {

  @TempDir private Path folder;

  private static OutputLayer output(int in) {
    return new OutputLayer.Builder(LossFunction.MSE).nIn(in).nOut(2).build();
  }

  private static void assertKept(Model network) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactModelSerializer.write(network, out, CompactOptions.builder().updaterState(true).build());
    Model read =
        CompactModelSerializer.restore(
                new ByteArrayInputStream(out.toByteArray()), RestoreOptions.defaults())
            .network();
    assertThat(read.params()).isEqualTo(network.params());
    assertThat(json(read)).isEqualTo(json(network));
  }

  private static String json(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getConfiguration().toJson()
        : ((MultiLayerNetwork) network).getLayerWiseConfigurations().toJson();
  }

  private static MultiLayerNetwork network(
      InputType input, org.deeplearning4j.nn.conf.layers.Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().updater(new Adam(0.01)).list();
    for (org.deeplearning4j.nn.conf.layers.Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  /** Whose configuration lists each tensor, all in one array. */
  @Test
  void shouldKeepGraphsOfManyLayers() throws IOException {
    GraphBuilder builder = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
    String last = "in";
    for (int i = 0; i < 700; i++) {
      builder.addLayer("dense" + i, new DenseLayer.Builder().nIn(2).nOut(2).build(), last);
      last = "dense" + i;
    }
    ComputationGraph graph =
        new ComputationGraph(builder.addLayer("out", output(2), last).setOutputs("out").build());
    graph.init();

    assertKept(graph);
  }

  /** As fields of DL4J are called that are looked at. */
  @Test
  void shouldKeepAnyNamesOfVertices() throws IOException {
    GraphBuilder builder = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
    String last = "in";
    for (String name : new String[] {"dist", "dataBuffer", "shape", "data", "confs", "type"}) {
      builder.addLayer(name, new DenseLayer.Builder().nIn(2).nOut(2).build(), last);
      last = name;
    }
    ComputationGraph graph =
        new ComputationGraph(
            builder.addLayer("vertices", output(2), last).setOutputs("vertices").build());
    graph.init();

    assertKept(graph);
  }

  @Test
  void shouldKeepWhatBelongsToALayer() throws IOException {
    Map<Integer, Double> steps = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      steps.put(i, 0.1 / (1 + i));
    }
    assertKept(
        network(
            InputType.feedForward(3),
            new DenseLayer.Builder()
                .nOut(4)
                .updater(new Adam(new MapSchedule(ScheduleType.EPOCH, steps)))
                .weightInit(new WeightInitDistribution(new NormalDistribution(0.0, 0.1)))
                .weightNoise(new DropConnect(0.5))
                .constrainWeights(new MaxNormConstraint(2.0, 1))
                .dropOut(new GaussianDropout(0.3))
                .activation(new ActivationLReLU(0.2))
                .l2(0.01)
                .build(),
            new PReLULayer.Builder().inputShape(4).build(),
            new FrozenLayer(new DenseLayer.Builder().nOut(3).hasLayerNorm(true).build()),
            new OutputLayer.Builder(new LossMCXENT(Nd4j.rand(1, 300)))
                .nOut(300)
                .activation(Activation.SOFTMAX)
                .build()));
    assertKept(
        network(
            InputType.feedForward(3),
            new VariationalAutoencoder.Builder()
                .nOut(2)
                .encoderLayerSizes(4, 3)
                .decoderLayerSizes(3, 4)
                .reconstructionDistribution(new GaussianReconstructionDistribution())
                .build(),
            output(2)));
    assertKept(
        network(
            InputType.feedForward(1),
            new EmbeddingLayer.Builder().nIn(5).nOut(3).build(),
            output(3)));
  }

  @Test
  void shouldKeepImagesAndSequences() throws IOException {
    assertKept(
        network(
            InputType.convolutional(6, 6, 2),
            new ConvolutionLayer.Builder(3, 3).nOut(3).build(),
            new BatchNormalization(),
            new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(2).build(),
            output(0)));
    assertKept(
        network(
            InputType.convolutional(4, 4, 2),
            new ConvolutionLayer.Builder(1, 1).nOut(2 * (5 + 3)).build(),
            new Yolo2OutputLayer.Builder()
                .boundingBoxPriors(Nd4j.createFromArray(new float[][] {{1, 2}, {2, 1}}))
                .build()));
    assertKept(
        network(
            InputType.recurrent(3, 5),
            new Bidirectional(new LSTM.Builder().nOut(4).build()),
            new SelfAttentionLayer.Builder().nOut(4).nHeads(2).projectInput(true).build(),
            new LastTimeStep(new LSTM.Builder().nOut(3).build()),
            output(0)));
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex(
                    "frozen",
                    new FrozenVertex(
                        new LayerVertex(
                            new NeuralNetConfiguration.Builder()
                                .layer(new LSTM.Builder().nIn(3).nOut(4).name("frozen").build())
                                .build(),
                            null)),
                    "in")
                .addVertex(
                    "attention",
                    new AttentionVertex.Builder()
                        .nInQueries(4)
                        .nInKeys(4)
                        .nInValues(4)
                        .nOut(4)
                        .nHeads(2)
                        .projectInput(true)
                        .build(),
                    "frozen",
                    "frozen",
                    "frozen")
                .addLayer(
                    "out",
                    new RnnOutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(2).build(),
                    "attention")
                .setOutputs("out")
                .build());
    graph.init();
    assertKept(graph);
  }

  /** Their superclass has a size of its own, which JSON does not hold: all of U-Net's networks. */
  @Test
  void shouldKeepUpsamplingLayers() throws IOException {
    MultiLayerNetwork two =
        network(
            InputType.convolutional(4, 4, 1),
            new ConvolutionLayer.Builder(2, 2).nOut(2).build(),
            new Upsampling2D.Builder(2).build(),
            output(0));
    assertKept(two);
    Path file = folder.resolve("checkpoint.zip");
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(two);
    PruningCheckpoint.save(two, pruning, file);
    INDArray input = Nd4j.rand(2, 1, 4, 4);
    assertThat(PruningCheckpoint.load(file).multiLayerNetwork().output(input))
        .isEqualTo(two.output(input));

    assertKept(
        network(
            InputType.recurrent(2, 5),
            new LSTM.Builder().nOut(3).build(),
            new Upsampling1D.Builder(2).build(),
            new RnnOutputLayer.Builder(LossFunction.MSE).nOut(2).build()));
    assertKept(
        network(
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 1),
            new Convolution3D.Builder(2, 2, 2).nOut(2).build(),
            new Upsampling3D.Builder(2).build(),
            output(0)));
  }
}
