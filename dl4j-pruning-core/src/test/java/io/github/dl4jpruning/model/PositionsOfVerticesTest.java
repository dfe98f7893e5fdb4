package io.github.dl4jpruning.model;

import static io.github.dl4jpruning.model.PositionsByRunningTest.STEPS;
import static io.github.dl4jpruning.model.PositionsByRunningTest.checkGraph;
import static io.github.dl4jpruning.model.PositionsByRunningTest.convolution;
import static io.github.dl4jpruning.model.PositionsByRunningTest.dense;
import static io.github.dl4jpruning.model.PositionsByRunningTest.graph;
import static io.github.dl4jpruning.model.PositionsByRunningTest.lstm;
import static io.github.dl4jpruning.model.PositionsByRunningTest.ofEachStep;
import static io.github.dl4jpruning.model.PositionsByRunningTest.ofVertices;
import static io.github.dl4jpruning.model.PositionsByRunningTest.output;
import static io.github.dl4jpruning.model.PositionsFixtures.IMAGE;
import static io.github.dl4jpruning.model.PositionsFixtures.SEQUENCE;
import static io.github.dl4jpruning.model.PositionsFixtures.pixelwise;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** The same count behind vertices of a graph, which cut, stack, merge, reverse or attend. */
class PositionsOfVerticesTest {

  @Test
  void shouldFollowWhatVerticesDoToSequences() {
    InputType longer = InputType.recurrent(4, 9);
    checkGraph(
        graph(
            ofVertices()
                .addInputs("a", "b")
                .addLayer("ofA", lstm(), "a")
                .addLayer("ofB", lstm(), "b")
                .addVertex("part", new SubsetVertex(1, 4), "ofA")
                .addLayer("afterPart", dense(5), "part")
                .addVertex("both", new StackVertex(), "ofA", "ofA")
                .addLayer("afterBoth", ofEachStep(), "both")
                .addVertex("second", new UnstackVertex(1, 2), "afterBoth")
                .addVertex("back", new ReverseTimeSeriesVertex("a"), "second")
                .addVertex("scaled", new ScaleVertex(2.0), "back")
                .addLayer("afterScaled", dense(5), "scaled")
                .addVertex("merged", new MergeVertex(), "ofA", "second")
                .addLayer("afterMerged", dense(5), "merged")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "ofA", "ofA")
                .addLayer("afterSum", ofEachStep(), "sum")
                .addLayer("out1", output(), "afterPart")
                .addLayer("out2", output(), "afterScaled")
                .addLayer("out3", output(), "afterMerged")
                .addLayer("out4", ofEachStep(), "ofB")
                .setOutputs("out1", "out2", "out3", "out4", "afterSum"),
            SEQUENCE,
            longer),
        new org.nd4j.linalg.api.ndarray.INDArray[] {Nd4j.ones(1, 4, STEPS), Nd4j.ones(1, 4, 9)},
        SEQUENCE,
        longer);
  }

  @Test
  void shouldFollowWhatVerticesDoToImages() {
    checkGraph(
        graph(
            ofVertices()
                .addInputs("a")
                .addLayer("convolved", convolution(4), "a")
                .addVertex("helped", new PoolHelperVertex(), "convolved")
                .addLayer("afterHelped", pixelwise(), "helped")
                .addVertex("merged", new MergeVertex(), "convolved", "convolved")
                .addLayer("afterMerged", pixelwise(), "merged")
                .addVertex("rows", new ReshapeVertex(-1, 6), "convolved")
                .addVertex("normalised", new L2NormalizeVertex(), "rows")
                .addLayer("afterRows", output(), "normalised")
                // DL4J does not tell the layer behind that a row and a column are gone.
                .addLayer("pooled", new GlobalPoolingLayer(), "afterHelped")
                .addLayer("out1", output(), "pooled")
                .addLayer("out2", output(), "afterMerged")
                .setOutputs("out1", "out2", "afterRows"),
            IMAGE),
        new org.nd4j.linalg.api.ndarray.INDArray[] {Nd4j.ones(1, 2, 6, 8)},
        IMAGE);
  }

  @Test
  void shouldCountQueriesKeysAndValuesOfAttention() {
    InputType longer = InputType.recurrent(4, 9);
    Map<String, Long> positions =
        Positions.of(
            graph(
                ofVertices()
                    .addInputs("queries", "keys")
                    .addVertex(
                        "attention",
                        new AttentionVertex.Builder()
                            .nInQueries(4)
                            .nInKeys(4)
                            .nInValues(4)
                            .nHeads(2)
                            .headSize(2)
                            .nOut(6)
                            .projectInput(true)
                            .build(),
                        "queries",
                        "keys",
                        "keys")
                    .addLayer("out", ofEachStep(), "attention")
                    .setOutputs("out"),
                SEQUENCE,
                longer),
            SEQUENCE,
            longer);
    assertThat(positions)
        .containsEntry("attention.Wq", (long) STEPS)
        .containsEntry("attention.Wo", (long) STEPS)
        .containsEntry("attention.Wk", 9L)
        .containsEntry("attention.Wv", 9L)
        .containsEntry("out.W", (long) STEPS);
  }
}
