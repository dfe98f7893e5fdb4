package io.github.dl4jpruning.export.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.RandomExports;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random networks of all kinds of layers give in ONNX Runtime what they give in DL4J. */
class OnnxRandomNetworksTest {

  private static final int NETWORKS = Boolean.getBoolean("pruning.fullMatrix") ? 400 : 110;

  @TempDir private Path folder;

  @Test
  void shouldGiveWhatDl4jGives() throws Exception {
    OnnxRun onnx = new OnnxRun(folder);
    List<RandomExports.Case> cases = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (RandomExports.Case one : RandomExports.first(NETWORKS)) {
      String input =
          one.network() instanceof ComputationGraph graph
              ? graph.getConfiguration().getNetworkInputs().get(0)
              : "input";
      try {
        onnx.add(
            name(one),
            one.network(),
            ExportOptions.defaults().withInputTypes(one.inputType()),
            Map.of(input, one.batch()));
        cases.add(one);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("expected an operation that ONNX has");
        refused.add(one + ": " + e.getMessage());
      }
    }
    onnx.run();
    Map<RandomNetworks.Family, Integer> families = new EnumMap<>(RandomNetworks.Family.class);
    for (RandomExports.Case one : cases) {
      OnnxMain.Tensor found = onnx.outputs(name(one)).values().iterator().next();
      OnnxRun.assertClose(found, RandomNetworks.output(one.network(), one.batch()), one.toString());
      families.merge(one.family(), 1, Integer::sum);
    }
    assertThat(families).hasSize(RandomNetworks.Family.values().length);
    assertThat(refused).as(refused.toString()).hasSizeLessThan(NETWORKS / 20);
  }

  private static String name(RandomExports.Case one) {
    return "network" + one.seed();
  }
}
