package io.github.dl4jpruning.model;

import static java.util.Map.entry;

import io.github.dl4jpruning.select.DeclaresWeights;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SDLayerParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.CenterLossParamInitializer;
import org.deeplearning4j.nn.params.Convolution3DParamInitializer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.Deconvolution3DParamInitializer;
import org.deeplearning4j.nn.params.DeconvolutionParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.params.EmbeddingLayerParamInitializer;
import org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer;
import org.deeplearning4j.nn.params.GravesLSTMParamInitializer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.deeplearning4j.nn.params.PretrainParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The role of each parameter of a layer, and the meaning of the axes of its weights.
 *
 * <p>This is a table by parameter initialiser. {@code ParamInitializer#weightKeys} is not used,
 * because it also lists slopes (PReLU) and gains (layer norm), which are not weights in the sense
 * of pruning, and says nothing about axes. Layers that share an initialiser (dense, output, a
 * user's subclass of either) share the keys. All SameDiff layers of DL4J share one initialiser, so
 * the table lists them by their own class. For other SameDiff layers, the layer's own list of
 * weights is used. A custom layer may declare its weights ({@link DeclaresWeights}). All other
 * layers stay dense.
 */
final class ParameterKinds {

  /**
   * A kind of parameter.
   *
   * @param role its role in the layer
   * @param axes the meaning of its axes, in the letters of {@link KernelLayout#of}; null for a
   *     vector
   */
  record Kind(Role role, @Nullable String axes) {
    KernelLayout layout(INDArray view) {
      if (axes != null && axes.equals(SEQUENCE)) {
        // DL4J computes with [k, nIn, nOut] in memory order, despite the shape [nOut, nIn, k, 1].
        List<Long> shape = List.of(view.size(2), view.size(1), view.size(0));
        return KernelLayout.of(
            "pio", shape, List.of(shape.get(1) * shape.get(2), shape.get(2), 1L));
      }
      return axes == null
          ? KernelLayout.vector(Math.toIntExact(view.length()))
          : KernelLayout.of(
              axes,
              Arrays.stream(view.shape()).boxed().toList(),
              Arrays.stream(view.stride()).boxed().toList());
    }
  }

  /** The axes of a one-dimensional convolution, whose shape is misleading. */
  private static final String SEQUENCE = "oipp of a sequence";

  private static final Kind BIAS = new Kind(Role.BIAS, null);
  private static final Kind NORMALIZATION = new Kind(Role.NORMALIZATION, null);
  private static final Kind OTHER = new Kind(Role.OTHER, null);
  private static final Kind UNKNOWN = new Kind(Role.UNKNOWN, null);

  /** A wildcard for keys of the variational autoencoder, whose number of layers varies. */
  private static final String ANY_LAYER = "*";

  private static final Map<String, Kind> DENSE = keys("W io", "b", "g");
  private static final Map<String, Kind> ATTENTION =
      keys("Wq ooi", "Wk ooi", "Wv ooi", "Wo io", "W io", "RW io", "b");

  private static final Map<Class<?>, Map<String, Kind>> TABLE =
      Map.ofEntries(
          entry(DefaultParamInitializer.class, DENSE),
          entry(EmbeddingLayerParamInitializer.class, DENSE),
          entry(PretrainParamInitializer.class, keys("W io", "b", "vb")),
          entry(CenterLossParamInitializer.class, DENSE),
          entry(ConvolutionParamInitializer.class, keys("W oipp", "b")),
          entry(Convolution1DLayer.class, keys("W " + SEQUENCE, "b")),
          entry(Convolution1D.class, keys("W " + SEQUENCE, "b")),
          entry(Convolution3DParamInitializer.class, keys("W oippp", "b")),
          entry(DeconvolutionParamInitializer.class, keys("W iopp", "b")),
          entry(Deconvolution3DParamInitializer.class, keys("W pppoi", "b")),
          entry(DepthwiseConvolutionParamInitializer.class, keys("W ppco", "b")),
          entry(SeparableConvolutionParamInitializer.class, keys("W ocpp", "pW oipp", "b")),
          entry(SimpleRnnParamInitializer.class, keys("W io", "RW io", "b", "g")),
          entry(LSTMParamInitializer.class, keys("W ig", "RW ig", "b")),
          entry(GravesLSTMParamInitializer.class, keys("W ig", "RW iG", "b")),
          entry(
              GravesBidirectionalLSTMParamInitializer.class,
              keys("WF ig", "RWF iG", "WB ig", "RWB iG", "bF", "bB")),
          entry(VariationalAutoencoderParamInitializer.class, keys("*W io", "*b")),
          entry(BatchNormalizationParamInitializer.class, keys("gamma", "beta")),
          entry(PReLUParamInitializer.class, keys()),
          entry(LocallyConnected1D.class, keys("W pio", "b")),
          entry(LocallyConnected2D.class, keys("W pio", "b")),
          entry(SelfAttentionLayer.class, ATTENTION),
          entry(RecurrentAttentionLayer.class, ATTENTION),
          entry(AttentionVertex.class, ATTENTION),
          entry(CapsuleLayer.class, keys("weight pioip", "bias")),
          entry(PrimaryCapsules.class, keys("weight ppio", "bias")));

  private ParameterKinds() {}

  /**
   * Builds a table: keys with axes are weights; gamma, beta and g normalise; other keys are biases.
   */
  private static Map<String, Kind> keys(String... entries) {
    Map<String, Kind> kinds = new HashMap<>();
    for (String entry : entries) {
      int space = entry.indexOf(' ');
      if (space > 0) {
        kinds.put(entry.substring(0, space), new Kind(Role.WEIGHT, entry.substring(space + 1)));
      } else {
        boolean normalises = entry.equals("gamma") || entry.equals("beta") || entry.equals("g");
        kinds.put(entry, normalises ? NORMALIZATION : BIAS);
      }
    }
    return Map.copyOf(kinds);
  }

  /**
   * A parameter and the innermost layer that owns it.
   *
   * @param configuration a layer, or a vertex with its own parameters
   * @param key the key inside it
   */
  record Owner(Object configuration, String key) {

    /** Unwraps layers, vertices and bidirectional layers. */
    static Owner of(Object configuration, String key) {
      if (configuration instanceof LayerVertex vertex) {
        return of(vertex.getLayerConf().getLayer(), key);
      } else if (configuration instanceof FrozenVertex frozen) {
        return of(frozen.getUnderlying(), key);
      } else if (configuration instanceof FrozenLayer frozen) {
        return of(frozen.getLayer(), key);
      } else if (configuration instanceof BaseWrapperLayer wrapper) {
        return of(wrapper.getUnderlying(), key);
      } else if (configuration instanceof Bidirectional both) {
        return of(both.getFwd(), key.substring(1)); // f or b, then the inner key
      }
      return new Owner(configuration, key);
    }

    /** Returns the innermost layer or vertex for any key; the forward layer if bidirectional. */
    static Object innermost(Object configuration) {
      return of(configuration, "f").configuration(); // a key that every wrapper accepts
    }

    /** Returns a layer and all layers inside it. */
    static List<Layer> chain(Object configuration) {
      List<Layer> layers = new ArrayList<>();
      if (configuration instanceof Layer layer) {
        layers.add(layer);
      }
      if (configuration instanceof LayerVertex vertex) {
        layers.addAll(chain(vertex.getLayerConf().getLayer()));
      } else if (configuration instanceof FrozenVertex frozen) {
        layers.addAll(chain(frozen.getUnderlying()));
      } else if (configuration instanceof FrozenLayer frozen) {
        layers.addAll(chain(frozen.getLayer()));
      } else if (configuration instanceof BaseWrapperLayer wrapper) {
        layers.addAll(chain(wrapper.getUnderlying()));
      } else if (configuration instanceof Bidirectional both) {
        layers.addAll(chain(both.getFwd()));
        layers.addAll(chain(both.getBwd()));
      }
      return layers;
    }

    String type() {
      return configuration.getClass().getSimpleName();
    }

    Kind kind(int rank) {
      if (configuration instanceof DeclaresWeights declared) {
        String axes = declared.weightAxes().get(key);
        return axes == null ? OTHER : new Kind(Role.WEIGHT, axes);
      }
      Map<String, Kind> kinds = TABLE.get(configuration.getClass());
      if (kinds == null && configuration instanceof Layer layer) {
        kinds = TABLE.get(layer.initializer().getClass());
      }
      if (kinds != null) {
        return known(kinds);
      } else if (configuration instanceof AbstractSameDiffLayer layer) {
        return declared(layer.getLayerParams(), rank);
      } else if (configuration instanceof SameDiffVertex vertex) {
        return declared(vertex.getVertexParams(), rank);
      }
      return UNKNOWN;
    }

    private Kind known(Map<String, Kind> kinds) {
      Kind known = kinds.get(key);
      if (known == null && !key.isEmpty()) {
        known = kinds.get(ANY_LAYER + key.charAt(key.length() - 1));
      }
      return known == null ? OTHER : known;
    }

    private Kind declared(SDLayerParams parameters, int rank) {
      // A SameDiff layer declares which parameters are weights, but not what their axes mean.
      return parameters.isWeightParam(key) ? new Kind(Role.WEIGHT, "p".repeat(rank)) : BIAS;
    }
  }
}
