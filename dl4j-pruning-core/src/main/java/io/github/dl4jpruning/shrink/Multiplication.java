package io.github.dl4jpruning.shrink;

import io.github.dl4jpruning.shrink.FlowBuilder.Activations;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;

/** Reads the weights W and the bias b of a layer into a {@link Flow}. */
record Multiplication(FlowBuilder flow) {

  /**
   * Returns the output of a layer before its activation function.
   *
   * @param padded as in {@link Flow.Affine}
   * @param normalised whether the bias is not added directly to the product
   */
  Activations read(
      String part,
      LayerReader.Path path,
      String prefix,
      Activations in,
      boolean padded,
      boolean normalised) {
    int width = flow.parameter(part, prefix + "W").orElseThrow().layout().inputs();
    Activations known = flow.expect(part, in, width);
    int own = flow.next();
    int weights = flow.tensor(part, prefix + "W", own, known.node());
    int bias = flow.tensor(part, prefix + "b", own, -1);
    int outputs = flow.parameter(part, prefix + "W").orElseThrow().layout().outputs();
    flow.add(part, outputs, new Flow.Affine(weights, normalised ? -1 : bias, padded), known.node());
    resize(part, path, known.node(), own);
    return known.at(own);
  }

  /** Adds an edit that sets the new widths in the configuration of a layer. */
  void resize(String part, LayerReader.Path path, int in, int out) {
    flow.edit(
        part,
        (configuration, preProcessor, widths) -> {
          FeedForwardLayer layer = (FeedForwardLayer) path.in(configuration);
          layer.setNIn(widths.of(in));
          layer.setNOut(widths.of(out));
        });
  }
}
