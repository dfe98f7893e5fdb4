package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Agreement;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.InferencePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compiles the networks of tests that are for all exporters. A compilation takes a tenth of a
 * second, so this is part of the long form of these tests; {@link CRandomNetworksTest} is always
 * there.
 */
public final class InC {

  private static final Optional<CCompiler> COMPILER =
      Boolean.getBoolean("pruning.fullMatrix") ? CCompiler.find() : Optional.empty();

  private InC() {}

  /** Compares the compiled code of a network with DL4J on each example. */
  public static void check(String what, MultiLayerNetwork network, InputType type, INDArray batch) {
    if (COMPILER.isEmpty()) {
      return;
    }
    ExportOptions export = ExportOptions.defaults().withInputTypes(type);
    COptions options = COptions.named("kind").with(export).compiledBy(COMPILER.get());
    try (CompiledProgram program = CompiledProgram.of(InferencePlan.of(network, export), options)) {
      Agreement.check(network, batch, program::run, what);
    } catch (IOException e) {
      throw new UncheckedIOException(what, e);
    }
  }
}
