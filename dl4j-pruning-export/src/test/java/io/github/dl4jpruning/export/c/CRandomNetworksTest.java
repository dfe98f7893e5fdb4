package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.export.Agreement;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.RandomExports;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Random networks of all kinds of layers give as compiled C what they give in DL4J. */
class CRandomNetworksTest {

  private static final int NETWORKS = Boolean.getBoolean("pruning.fullMatrix") ? 400 : 60;

  @Test
  void shouldGiveWhatDl4jGives() throws IOException {
    CCompiler compiler = Compilers.required();
    Map<RandomNetworks.Family, Integer> families = new EnumMap<>(RandomNetworks.Family.class);
    for (RandomExports.Case one : RandomExports.first(NETWORKS)) {
      check(one, compiler);
      families.merge(one.family(), 1, Integer::sum);
    }
    assertThat(families).hasSize(RandomNetworks.Family.values().length);
  }

  private static void check(RandomExports.Case one, CCompiler compiler) throws IOException {
    ExportOptions export = ExportOptions.defaults().withInputTypes(one.inputType());
    INDArray batch = one.batch();
    COptions options = COptions.named("net" + one.seed()).with(export).compiledBy(compiler);
    try (CompiledProgram program =
        CompiledProgram.of(InferencePlan.of(one.network(), export), options)) {
      Agreement.check(one.network(), batch, program::run, one.toString());
    }
  }
}
