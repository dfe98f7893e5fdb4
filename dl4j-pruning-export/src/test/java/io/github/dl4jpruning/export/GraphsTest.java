package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.runtime.SparseModel;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tests graphs with all kinds of vertices, several inputs and outputs, and stepwise networks. */
@SuppressWarnings("deprecation") // DL4J still has a GravesLSTM
class GraphsTest {

  private static final int STEPS = 1_000;

  private static GraphBuilder graph() {
    return new NeuralNetConfiguration.Builder()
        .seed(3)
        .activation(Activation.TANH)
        .convolutionMode(ConvolutionMode.Same)
        .graphBuilder();
  }

  private static ComputationGraph made(GraphBuilder builder) {
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    Agreement.prune(graph, 9);
    return graph;
  }

  private static DenseLayer dense(int width) {
    return new DenseLayer.Builder().nOut(width).build();
  }

  private static void check(ComputationGraph graph, SparseModel model, INDArray... inputs) {
    SparseModel.Session session = model.newSession();
    for (int i = 0; i < inputs.length; i++) {
      session.set(model.inputs().get(i).name(), Agreement.flat(inputs[i]));
    }
    session.run();
    INDArray[] expected = graph.output(inputs);
    for (int o = 0; o < expected.length; o++) {
      String name = model.outputs().get(o).name();
      Agreement.assertClose(session.get(name), Agreement.flat(expected[o]), name);
    }
  }

  @Test
  void shouldRunVerticesOfVectors() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("left", "right")
                .setInputTypes(InputType.feedForward(4), InputType.feedForward(4))
                .addVertex("stack", new StackVertex(), "left", "right")
                .addLayer("shared", dense(6), "stack")
                .addVertex("one", new UnstackVertex(0, 2), "shared")
                .addVertex("two", new UnstackVertex(1, 2), "shared")
                .addVertex("scaled", new ScaleVertex(1.5), "one")
                .addVertex("shifted", new ShiftVertex(-0.25), "two")
                .addVertex("norm", new L2NormalizeVertex(), "shifted")
                .addVertex(
                    "sub", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "scaled", "norm")
                .addVertex(
                    "avg",
                    new ElementWiseVertex(ElementWiseVertex.Op.Average),
                    "scaled",
                    "norm",
                    "two")
                .addVertex("both", new MergeVertex(), "sub", "avg")
                .addVertex("some", new SubsetVertex(2, 8), "both")
                .addLayer("first", dense(3), "some")
                .addLayer("second", dense(2), "both")
                .setOutputs("first", "second"));
    SparseModel model =
        Agreement.exported(
            graph,
            ExportOptions.defaults()
                .withInputTypes(InputType.feedForward(4), InputType.feedForward(4)));
    assertThat(model.inputs()).extracting("name").containsExactly("left", "right");
    assertThat(model.outputs()).extracting("name").containsExactly("first", "second");
    check(graph, model, Nd4j.rand(1, 4), Nd4j.rand(1, 4));
    SparseModel.Session session = model.newSession();
    assertThatThrownBy(() -> session.run(new float[4]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a model with one output, but it has 2");
    assertThatThrownBy(() -> session.set("middle", new float[4]))
        .hasMessageContaining("left, right")
        .hasMessageContaining("middle");
  }

  @Test
  void shouldRunVerticesOfImages() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("image")
                .setInputTypes(InputType.convolutional(5, 4, 2))
                .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "image")
                .addLayer("b", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "a")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
                .addVertex("merge", new MergeVertex(), "sum", "a")
                .addVertex("some", new SubsetVertex(1, 5), "merge")
                .addVertex("flat", new ReshapeVertex(-1, 100), "some")
                .addVertex("image2", new ReshapeVertex(-1, 5, 5, 4), "flat")
                .addLayer("c", new ConvolutionLayer.Builder(2, 2).nOut(2).build(), "image2")
                .setOutputs("c", "flat"));
    ExportOptions options =
        ExportOptions.defaults().withInputTypes(InputType.convolutional(5, 4, 2));
    check(graph, Agreement.exported(graph, options), Nd4j.rand(1, 2, 5, 4));
    assertThatThrownBy(() -> InferencePlan.of(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("image")
        .hasMessageContaining("withInputTypes");
  }

  @Test
  void shouldRunVerticesOfSequencesOfAnyLength() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("series", "side")
                .setInputTypes(InputType.recurrent(3), InputType.feedForward(2))
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "series")
                .addVertex("reverse", new ReverseTimeSeriesVertex(), "lstm")
                .addVertex("copies", new DuplicateToTimeSeriesVertex("series"), "side")
                .addVertex("both", new MergeVertex(), "reverse", "copies")
                .addLayer("rnn", new SimpleRnn.Builder().nOut(3).build(), "both")
                .addVertex("last", new LastTimeStepVertex("series"), "rnn")
                .addLayer("score", dense(2), "last")
                .addLayer("each", new RnnOutputLayer.Builder().nOut(2).build(), "rnn")
                .setOutputs("score", "each"));
    SparseModel model =
        Agreement.exported(
            graph,
            ExportOptions.defaults()
                .withInputTypes(InputType.recurrent(3), InputType.feedForward(2)));
    for (int steps : List.of(1, 2, 9, 4)) {
      check(graph, model, Nd4j.rand(1, 3, steps), Nd4j.rand(1, 2));
    }
  }

  @Test
  void shouldDivideSequencesByTheirNorm() {
    for (int[] dimensions : new int[][] {{}, {1, 2}}) {
      ComputationGraph graph =
          made(
              graph()
                  .addInputs("series")
                  .setInputTypes(InputType.recurrent(3))
                  .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "series")
                  .addVertex("norm", new L2NormalizeVertex(dimensions, 1e-8), "lstm")
                  .addLayer("each", new RnnOutputLayer.Builder().nOut(2).build(), "norm")
                  .setOutputs("each"));
      SparseModel model = Agreement.exported(graph, ExportOptions.defaults());
      assertThat(model.isStepwise()).isFalse();
      for (int steps : List.of(1, 6, 3)) {
        check(graph, model, Nd4j.rand(1, 3, steps));
      }
    }
    ComputationGraph overChannels =
        made(
            graph()
                .addInputs("series")
                .setInputTypes(InputType.recurrent(3))
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "series")
                .addVertex("norm", new L2NormalizeVertex(new int[] {1}, 1e-8), "lstm")
                .setOutputs("norm"));
    assertThatThrownBy(() -> InferencePlan.of(overChannels))
        .hasMessageContaining("norm")
        .hasMessageContaining("a norm over the dimensions [1]");
  }

  @Test
  void shouldTakeSequencesOfOneLengthOnTwoInputs() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("a", "b")
                .setInputTypes(InputType.recurrent(3), InputType.recurrent(2))
                .addVertex("both", new MergeVertex(), "a", "b")
                .addLayer("lstm", new LSTM.Builder().nOut(4).build(), "both")
                .setOutputs("lstm"));
    ExportOptions options =
        ExportOptions.defaults().withInputTypes(InputType.recurrent(3), InputType.recurrent(2));
    SparseModel model = Agreement.exported(graph, options);
    for (int steps : List.of(5, 1, 8)) {
      check(graph, model, Nd4j.rand(1, 3, steps), Nd4j.rand(1, 2, steps));
    }
    SparseModel.Session session = model.newSession();
    session.set("a", new float[6]).set("b", new float[6]);
    assertThatThrownBy(session::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("with [2, 3] steps");
    session.set("b", new float[4]).run(); // an exception leaves the session usable
  }

  @Test
  void shouldBeginAnewAfterARun() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("series")
                .setInputTypes(InputType.recurrent(3))
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "series")
                .setOutputs("lstm"));
    SparseModel.Session session = Agreement.exported(graph, ExportOptions.defaults()).newSession();
    float[] step = {0.5f, -1f, 2f};
    float[] first = new float[5];
    session.step(step, first);
    session.run(step);
    float[] again = new float[5];
    session.step(step, again);
    assertThat(again).containsExactly(first);
    assertThatThrownBy(() -> session.step(step, new float[4])).hasMessageContaining("room for 5");
    session.reset();
    session.step(step, again);
    assertThat(again).containsExactly(first);
  }

  @Test
  void shouldGoOnStepByStep() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("series")
                .setInputTypes(InputType.recurrent(3))
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "series")
                .addLayer("graves", new GravesLSTM.Builder().nOut(4).build(), "lstm")
                .addLayer("simple", new SimpleRnn.Builder().nOut(4).build(), "graves")
                .addLayer(
                    "out",
                    new RnnOutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    "simple")
                .setOutputs("out"));
    SparseModel model = Agreement.exported(graph, ExportOptions.defaults());
    assertThat(model.isStepwise()).isTrue();
    SparseModel.Session session = model.newSession();
    float[] output = new float[3];
    float[] first = new float[3];
    INDArray start = Nd4j.rand(1, 3, 1);
    for (int i = 0; i < STEPS; i++) {
      INDArray step = i == 0 ? start : Nd4j.rand(1, 3, 1);
      session.step(Agreement.flat(step), output);
      INDArray expected = graph.rnnTimeStep(step)[0];
      Agreement.assertClose(output, Agreement.flat(expected), "step " + i);
      if (i == 0) {
        first = output.clone();
      }
    }
    session.reset();
    session.step(Agreement.flat(start), output);
    assertThat(output).containsExactly(first);
    assertThatThrownBy(() -> session.step(new float[2], output))
        .hasMessageContaining("expected 3 values of one time step, but found 2");
  }

  @Test
  void shouldRefuseStepsWhereLayersSeeAll() {
    ComputationGraph graph =
        made(
            graph()
                .addInputs("series")
                .setInputTypes(InputType.recurrent(3))
                .addVertex("reverse", new ReverseTimeSeriesVertex(), "series")
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "reverse")
                .setOutputs("lstm"));
    SparseModel model =
        Agreement.exported(graph, ExportOptions.defaults().withInputTypes(InputType.recurrent(3)));
    assertThat(model.isStepwise()).isFalse();
    SparseModel.Session session = model.newSession();
    assertThatThrownBy(() -> session.step(new float[3], new float[5]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("use run");
  }
}
