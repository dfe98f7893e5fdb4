package io.github.dl4jpruning.model;

import java.util.List;
import java.util.OptionalLong;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BasePretrainNetwork;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;

/** Counts how often each weight of a layer is multiplied in a forward pass. */
final class WeightUses {

  private WeightUses() {}

  /**
   * Counts the multiplications for one example of the network.
   *
   * @param of a layer, wrappers included, or a vertex
   * @param key a key of its weights
   * @param in its inputs, after the preprocessor
   * @return how often one weight is multiplied; empty if unknown
   */
  static OptionalLong of(Object of, String key, List<Reach> in) {
    Reach first = in.get(0);
    if (of instanceof FrozenLayer frozen) {
      return of(frozen.getLayer(), key, in);
    } else if (of instanceof Bidirectional both) {
      return of(key.startsWith("f") ? both.getFwd() : both.getBwd(), key.substring(1), in);
    } else if (of instanceof TimeDistributed each) {
      long size = ((InputTypeRecurrent) first.type()).getSize();
      Reach step = new Reach(InputType.feedForward(size), first.positions());
      return of(each.getUnderlying(), key, List.of(step));
    } else if (of instanceof BaseWrapperLayer wrapper) {
      return of(wrapper.getUnderlying(), key, in);
    } else if (of instanceof AttentionVertex) {
      // Its inputs are queries, keys and values, in this order.
      int reader = key.equals("Wk") ? 1 : key.equals("Wv") ? 2 : 0;
      return OptionalLong.of(in.get(reader).positions());
    }
    return of instanceof Layer layer ? ofLayer(layer, key, first) : OptionalLong.empty();
  }

  private static OptionalLong ofLayer(Layer layer, String key, Reach in) {
    if (layer instanceof EmbeddingLayer || layer instanceof EmbeddingSequenceLayer) {
      return OptionalLong.of(0); // a row is looked up
    } else if (layer instanceof LocallyConnected1D
        || layer instanceof LocallyConnected2D
        || layer instanceof CapsuleLayer) {
      return OptionalLong.of(in.times()); // each position has its own weights
    } else if (layer instanceof PrimaryCapsules capsules) {
      long made = ((InputTypeRecurrent) in.behind(layer, 0).type()).getSize();
      return OptionalLong.of(in.times() * made / capsules.getChannels());
    } else if (layer instanceof Deconvolution2D || layer instanceof Deconvolution3D) {
      return OptionalLong.of(in.positions());
    } else if (layer instanceof ConvolutionLayer) {
      return OptionalLong.of(in.behind(layer, 0).positions());
    } else if (layer instanceof RecurrentAttentionLayer) {
      return OptionalLong.of(recurrentAttention(key, in));
    } else if (layer instanceof VariationalAutoencoder) {
      boolean encodes = key.startsWith("e") || key.equals("pZXMeanW");
      return OptionalLong.of(encodes ? in.positions() : 0); // the rest is only used in pretraining
    } else if (layer instanceof SelfAttentionLayer
        || layer instanceof DenseLayer
        || layer instanceof BaseOutputLayer
        || layer instanceof BasePretrainNetwork
        || layer instanceof BaseRecurrentLayer) {
      return OptionalLong.of(in.positions());
    }
    return OptionalLong.empty();
  }

  /** Each step but the first attends to all steps, and projects them again as keys and values. */
  private static long recurrentAttention(String key, Reach in) {
    long steps = in.positions() / in.times();
    long looks = in.isOfUnknownLength() ? 1 : steps - 1;
    return switch (key) {
      case "W" -> in.positions();
      case "Wk", "Wv" -> looks * in.positions();
      default -> looks * in.times();
    };
  }
}
