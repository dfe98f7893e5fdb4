package io.github.dl4jpruning.model;

import static java.util.Map.entry;

import io.github.dl4jpruning.select.PrunableParameter.Role;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.layers.Layer;
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

/**
 * Which parameters of a layer are weights.
 *
 * <p>A table by parameter initialiser instead of {@code ParamInitializer#weightKeys}, because that
 * list also holds slopes (PReLU) and gains (layer norm), which are not weights in the sense of
 * pruning. Layers that share an initialiser (dense, output, a user's subclass of either) share the
 * keys. What is not in the table is unknown, and stays dense.
 */
final class WeightKeys {

  private static final Map<Class<? extends ParamInitializer>, Set<String>> WEIGHTS =
      Map.ofEntries(
          entry(DefaultParamInitializer.class, Set.of("W")),
          entry(EmbeddingLayerParamInitializer.class, Set.of("W")),
          entry(PretrainParamInitializer.class, Set.of("W")),
          entry(CenterLossParamInitializer.class, Set.of("W")),
          entry(ConvolutionParamInitializer.class, Set.of("W")),
          entry(Convolution3DParamInitializer.class, Set.of("W")),
          entry(DeconvolutionParamInitializer.class, Set.of("W")),
          entry(Deconvolution3DParamInitializer.class, Set.of("W")),
          entry(DepthwiseConvolutionParamInitializer.class, Set.of("W")),
          entry(SeparableConvolutionParamInitializer.class, Set.of("W", "pW")),
          entry(SimpleRnnParamInitializer.class, Set.of("W", "RW")),
          entry(LSTMParamInitializer.class, Set.of("W", "RW")),
          entry(GravesLSTMParamInitializer.class, Set.of("W", "RW")),
          entry(GravesBidirectionalLSTMParamInitializer.class, Set.of("WF", "RWF", "WB", "RWB")),
          entry(BatchNormalizationParamInitializer.class, Set.of()),
          entry(PReLUParamInitializer.class, Set.of()));

  private WeightKeys() {}

  static Role roleOf(Layer layer, String key) {
    Set<String> weights = WEIGHTS.get(layer.initializer().getClass());
    if (weights == null) {
      return Role.UNKNOWN;
    }
    return weights.contains(key) ? Role.WEIGHT : Role.OTHER;
  }
}
