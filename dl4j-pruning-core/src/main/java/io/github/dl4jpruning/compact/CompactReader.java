package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningConfig;
import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.codec.Block;
import io.github.dl4jpruning.codec.ConfigurationText;
import io.github.dl4jpruning.codec.HalfPrecision;
import io.github.dl4jpruning.codec.Section;
import io.github.dl4jpruning.codec.SectionReader;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.RawValues;
import io.github.dl4jpruning.model.SavedNormalizer;
import io.github.dl4jpruning.runtime.codec.BlockReader;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.select.PrunableParameter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.InflaterInputStream;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Reads one network in the compact format. */
final class CompactReader {

  private final SectionReader in;
  private final RestoreOptions options;
  private final long[] bits = new long[Block.LONGEST];

  /** The parameters that are not zero. */
  private final BitSet present = new BitSet();

  private SectionReader.Content section;

  CompactReader(InputStream in, RestoreOptions options) throws IOException {
    this.in = new SectionReader(in);
    this.options = options;
    this.section = this.in.next();
  }

  CompactModel read() throws IOException {
    try {
      return readSections();
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      // any error that DL4J throws for an impossible network
      throw section.content().error("expected a network, but it cannot be made: " + e, e);
    }
  }

  private CompactModel readSections() throws IOException {
    if (section.section() != Section.HEAD) {
      throw unexpected(Section.HEAD);
    }
    Model network = network(section.content());
    section = in.next();
    RawValues parameters = RawValues.parametersOf(network);
    for (CompactLayout.Span span :
        CompactLayout.of(NetworkParameters.of(network), parameters.length())) {
      readValues(Section.PARA, parameters, span.offset(), span.length());
    }
    endOf(Section.PARA);
    if (section.section() == Section.UPDA) {
      RawValues state = RawValues.updaterStateOf(network);
      readValues(Section.UPDA, state, 0, state.length());
      endOf(Section.UPDA);
    }
    Optional<DataNormalization> normalizer = Optional.empty();
    if (section.section() == Section.NORM) {
      normalizer = Optional.of(normalizer(section.content()));
      section = in.next();
    }
    Optional<PruningListener> pruning = Optional.empty();
    if (section.section() == Section.PRUN) {
      pruning = pruning(network, section.content());
      section = in.next();
    }
    if (section.section() != Section.DONE) {
      throw unexpected(Section.DONE);
    }
    section.content().requireEnd("the last section");
    return new CompactModel(network, pruning, normalizer);
  }

  private IOException unexpected(Section wanted) {
    return section
        .content()
        .error("expected the section " + wanted + ", but found " + section.section());
  }

  private Model network(ByteSource head) throws IOException {
    boolean graph = head.getByte(1, "a code for the network type") == 1;
    String type =
        CompactLayout.typeName(
            head.getByte(CompactLayout.types() - 1, "a code for the type of parameters"));
    long most = Math.min(options.mostParameters(), Integer.MAX_VALUE);
    long parameters = head.getCount(most, "a number of parameters");
    String json = ConfigurationText.get(head, CompactLayout.LONGEST_CONFIGURATION);
    head.requireEnd("the section HEAD");
    try {
      return NetworkMaker.createZero(graph, json, parameters, type, options.allowedClasses());
    } catch (IOException e) {
      throw head.error(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Moves to the next section only when another block is needed, so that the end of the last
   * section is checked too.
   */
  private void readValues(Section kind, RawValues values, long from, long length)
      throws IOException {
    int width = values.width();
    for (long done = 0; done < length; done += Block.LONGEST) {
      int expected = (int) Math.min(Block.LONGEST, length - done);
      if (section.section() == kind && section.content().remaining() == 0) {
        section = in.next();
      }
      if (section.section() != kind) {
        throw unexpected(kind);
      }
      ByteSource source = section.content();
      long found = source.getCount(Block.LONGEST, "a block length");
      if (found != expected) {
        throw source.error("expected a block of " + expected + " values, but found " + found);
      }
      boolean half =
          source.getByte(CompactLayout.HALF, "a code for the type of a block")
              == CompactLayout.HALF;
      if (half && width == Short.BYTES) {
        throw source.error("expected values of the network's own type, but found half precision");
      }
      BlockReader.get(source, bits, expected, half ? Short.BYTES : width);
      if (half) {
        for (int i = 0; i < expected; i++) {
          bits[i] = CompactLayout.toBits(HalfPrecision.fromBits((int) bits[i]), width);
        }
      }
      values.view().write(from + done, bits, expected);
      if (kind == Section.PARA) {
        for (int i = 0; i < expected; i++) {
          if (bits[i] != 0) {
            present.set((int) (from + done) + i);
          }
        }
      }
    }
  }

  private void endOf(Section kind) throws IOException {
    if (section.section() == kind) {
      section.content().requireEnd("the section " + kind);
      section = in.next();
    }
    if (section.section() == kind) {
      throw section.content().error("expected no more sections " + kind + ", but found one");
    }
  }

  private DataNormalization normalizer(ByteSource source) throws IOException {
    SavedNormalizer.Kind kind =
        CompactLayout.normalizer(
            source.getByte(CompactLayout.normalizers() - 1, "a code for the normalizer"));
    boolean labels = source.getByte(1, "a flag for normalised labels") == 1;
    boolean doubles = source.getByte(1, "a code for the type of statistics") == 1;
    double[] settings = new double[kind.settings()];
    for (int i = 0; i < settings.length; i++) {
      settings[i] = Double.longBitsToDouble(source.getNumber(Double.BYTES));
    }
    List<double[]> statistics = new ArrayList<>();
    for (int v = 0; v < kind.statistics(labels); v++) {
      int length = (int) source.getCount(Block.LONGEST, "a length of statistics");
      if (length == 0) {
        throw source.error("expected statistics, but found none");
      }
      BlockReader.get(source, bits, length, Double.BYTES);
      double[] vector = new double[length];
      for (int i = 0; i < length; i++) {
        vector[i] = Double.longBitsToDouble(bits[i]);
      }
      statistics.add(vector);
    }
    source.requireEnd("the section NORM");
    try {
      return new SavedNormalizer(kind, labels, settings, statistics, doubles).toNormalizer();
    } catch (RuntimeException e) { // any error that ND4J throws for inconsistent statistics
      throw source.error("expected a normalizer, but it cannot be made: " + e.getMessage());
    }
  }

  /**
   * Returns a listener made from the recipe; empty if the configuration has parts that a file
   * cannot hold.
   */
  private Optional<PruningListener> pruning(Model network, ByteSource source) throws IOException {
    String recipe = source.getText(CompactLayout.LONGEST_RECIPE, "a recipe");
    if (recipe.isEmpty()) {
      return Optional.empty();
    }
    byte[] deflated = source.getBytes(source.remaining());
    try {
      PruningConfig config = PruningConfig.fromYaml(recipe);
      requireHarmless(config.parameters(), recipe, network);
      PruningListener pruning = PruningListener.of(config);
      pruning.resume(
          network,
          expected -> {
            InputStream state = new InflaterInputStream(new ByteArrayInputStream(deflated));
            PruningState read = PruningStateStream.read(state, expected);
            if (state.read() >= 0) {
              throw new IOException("expected the end of the state, but more bytes follow");
            }
            return withMasks(network, read);
          });
      return Optional.of(pruning);
    } catch (RuntimeException | IOException e) {
      throw source.error("expected a pruning state, but it cannot be read: " + e.getMessage(), e);
    }
  }

  private void requireHarmless(ParameterFilter filter, String recipe, Model network) {
    CompactLayout.checkComparisons(NetworkParameters.of(network).parameters(), recipe);
    if (!options.expressions() && filter.hasExpression()) {
      throw new IllegalArgumentException(
          "expected a recipe without regular expressions, which may take forever, but found one;"
              + " allow them (RestoreOptions.allowingExpressions) if you trust it");
    }
  }

  /**
   * Restores the masks: the file holds only the positions where a mask differs from the non-zero
   * weights.
   */
  private PruningState withMasks(Model network, PruningState differences) {
    Map<String, PrunableParameter> named =
        CompactLayout.byName(NetworkParameters.of(network).parameters());
    List<TensorState> tensors = new ArrayList<>();
    for (TensorState tensor : differences.tensors()) {
      Mask nonZeros = CompactLayout.nonZeros(CompactLayout.named(named, tensor), present);
      tensors.add(
          new TensorState(
              tensor.name(), tensor.shape(), tensor.mask().xor(nonZeros), tensor.remembered()));
    }
    return differences.with(tensors);
  }
}
