package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.codec.Block;
import io.github.dl4jpruning.codec.ByteSink;
import io.github.dl4jpruning.codec.Clusters;
import io.github.dl4jpruning.codec.ConfigurationText;
import io.github.dl4jpruning.codec.HalfPrecision;
import io.github.dl4jpruning.codec.Packed;
import io.github.dl4jpruning.codec.Section;
import io.github.dl4jpruning.codec.SectionWriter;
import io.github.dl4jpruning.io.PruningState;
import io.github.dl4jpruning.io.PruningState.TensorState;
import io.github.dl4jpruning.io.PruningStateStream;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RawValues;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.model.SavedNormalizer;
import io.github.dl4jpruning.select.PrunableParameter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import org.deeplearning4j.nn.api.Model;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one network in the compact format. */
final class CompactWriter {

  private static final Logger log = LoggerFactory.getLogger(CompactWriter.class);

  private final Model network;
  private final CompactOptions options;
  private final List<CompactLayout.Span> spans;
  private final SavedConfiguration configuration;
  private final RawValues parameters;
  private final RawValues updaterState;
  private final Optional<PruningListener> pruning;

  private final Optional<SavedNormalizer> normalizer;

  private final long[] bits = new long[Block.LONGEST];

  /** The parameters that are not zero in the file; filled only if there are masks. */
  private final BitSet nonZeros = new BitSet();

  private final List<PrunableParameter> described;

  /** Rejects a network that cannot be written before the first byte is written. */
  CompactWriter(Model network, CompactOptions options) {
    this.network = network;
    this.options = options;
    NetworkParameters all = NetworkParameters.of(network);
    this.described = all.parameters();
    this.parameters = RawValues.parametersOf(network);
    if (parameters.length() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "expected at most "
              + Integer.MAX_VALUE
              + " parameters, but the network has "
              + parameters.length());
    }
    this.spans = CompactLayout.of(all, parameters.length());
    this.configuration = SavedConfiguration.forSafeReader(network);
    this.updaterState =
        options.updaterState()
            ? RawValues.updaterStateOf(network, configuration)
            : RawValues.none();
    this.pruning = options.pruning() ? pruningOf(all, network) : Optional.empty();
    pruning.ifPresent(this::checkRecipe);
    pruning.flatMap(PruningListener::movedWeights).ifPresent(CompactWriter::warn);
    this.normalizer = options.normalizer().map(SavedNormalizer::of);
    if (normalizer.stream()
        .flatMap(saved -> saved.statistics().stream())
        .anyMatch(v -> v.length > Block.LONGEST)) {
      throw new IllegalArgumentException(
          "expected a normalizer of at most " + Block.LONGEST + " columns, but it has more");
    }
  }

  private static Optional<PruningListener> pruningOf(NetworkParameters all, Model network) {
    return all.listeners().stream()
        .filter(PruningListener.class::isInstance)
        .map(PruningListener.class::cast)
        .filter(listener -> listener.isAttachedTo(network))
        .findFirst();
  }

  private static void warn(String moved) {
    log.warn(
        "In a network that is written to a compact file, {} PruningListener.applyMasks sets them to"
            + " zero.",
        moved);
  }

  private void checkRecipe(PruningListener listener) {
    String recipe = listener.config().recipe().orElse("");
    CompactLayout.checkComparisons(described, recipe);
    int length = recipe.getBytes(StandardCharsets.UTF_8).length;
    if (length > CompactLayout.LONGEST_RECIPE) {
      throw new IllegalArgumentException(
          "expected a recipe of at most "
              + CompactLayout.LONGEST_RECIPE
              + " bytes, but it has "
              + length);
    }
  }

  CompactSizes write(OutputStream to) throws IOException {
    SectionWriter out = new SectionWriter(to);
    nonZeros.clear();
    int head = writeHead(out);
    List<CompactSizes.Tensor> tensors = new ArrayList<>();
    try (Packed packed = new Packed()) {
      Blocks blocks = new Blocks(out, packed);
      for (CompactLayout.Span span : spans) {
        tensors.add(writeTensor(span, blocks));
      }
      blocks.endSection(Section.PARA);
      if (updaterState.length() > 0) {
        writeUpdaterState(blocks);
      }
    }
    if (normalizer.isPresent()) {
      out.write(Section.NORM, bytesOf(normalizer.get()));
    }
    if (pruning.isPresent()) {
      out.write(Section.PRUN, pruningBytes(pruning.get()));
    }
    out.write(Section.DONE, new ByteSink());
    long rest =
        out.written() - head - tensors.stream().mapToLong(CompactSizes.Tensor::compact).sum();
    return new CompactSizes(tensors, head, rest);
  }

  private int writeHead(SectionWriter out) throws IOException {
    ByteSink head = new ByteSink();
    head.putByte(NetworkStore.isGraph(network) ? 1 : 0);
    head.putByte(CompactLayout.typeCode(parameters.width()));
    head.putCount(parameters.length());
    int before = head.size();
    String text = configuration.json();
    NetworkMaker.checkReadable(network, text, CompactLayout.LONGEST_CONFIGURATION);
    ConfigurationText.put(text, head);
    out.write(Section.HEAD, head);
    return head.size() - before;
  }

  private CompactSizes.Tensor writeTensor(CompactLayout.Span span, Blocks blocks)
      throws IOException {
    RawValues.View view = parameters.view();
    ValueCoding coding = span.weight() ? options.weights() : options.others();
    int width = parameters.width();
    int stored = width;
    if (coding instanceof ValueCoding.Half) {
      if (width > Short.BYTES && fitsHalf(view, span)) {
        stored = Short.BYTES;
      } else {
        coding = ValueCoding.exact();
      }
    }
    Clusters clusters =
        coding instanceof ValueCoding.Shared shared ? clusters(view, span, shared.bits()) : null;
    long bytes = 0;
    long count = 0;
    for (int from = 0; from < span.length(); from += Block.LONGEST) {
      int length = Math.min(Block.LONGEST, span.length() - from);
      view.read(span.offset() + from, bits, length);
      for (int i = 0; i < length; i++) {
        if (bits[i] != 0 && stored < width) {
          bits[i] = HalfPrecision.toBits((float) CompactLayout.toNumber(bits[i], width));
        } else if (bits[i] != 0 && clusters != null) {
          double value = CompactLayout.toNumber(bits[i], width);
          bits[i] = value == 0.0 ? 0 : shared(clusters, value, width);
        }
        if (bits[i] != 0) {
          count++;
          if (pruning.isPresent()) {
            nonZeros.set((int) (span.offset() + from + i));
          }
        }
      }
      bytes += blocks.write(Section.PARA, length, stored);
    }
    return new CompactSizes.Tensor(
        span.name(), span.length(), count, (long) span.length() * width, bytes, coding.toString());
  }

  private static long shared(Clusters clusters, double value, int width) {
    return CompactLayout.toBits(clusters.centroid(clusters.codeOf(value)), width);
  }

  private boolean fitsHalf(RawValues.View view, CompactLayout.Span span) {
    boolean fits = true;
    for (int from = 0; from < span.length() && fits; from += Block.LONGEST) {
      int length = Math.min(Block.LONGEST, span.length() - from);
      view.read(span.offset() + from, bits, length);
      for (int i = 0; i < length && fits; i++) {
        float value = (float) CompactLayout.toNumber(bits[i], parameters.width());
        fits = Float.isFinite(HalfPrecision.fromBits(HalfPrecision.toBits(value)));
      }
    }
    return fits;
  }

  /** Returns the clusters of the non-zero values; null if there are none. */
  private @Nullable Clusters clusters(RawValues.View view, CompactLayout.Span span, int codeBits) {
    double[] values = new double[span.length()];
    int count = 0;
    for (int from = 0; from < span.length(); from += Block.LONGEST) {
      int length = Math.min(Block.LONGEST, span.length() - from);
      view.read(span.offset() + from, bits, length);
      for (int i = 0; i < length; i++) {
        double value = CompactLayout.toNumber(bits[i], parameters.width());
        if (value != 0.0) {
          values[count++] = value;
        }
      }
    }
    try {
      return count == 0 ? null : Clusters.of(Arrays.copyOf(values, count), codeBits);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(span.name() + ": " + e.getMessage(), e);
    }
  }

  /** Collects blocks into sections of a file. */
  private final class Blocks {
    private final SectionWriter out;
    private final Packed packed;
    private ByteSink section = new ByteSink();
    private int inSection;
    private long done;

    Blocks(SectionWriter out, Packed packed) {
      this.out = out;
      this.packed = packed;
    }

    /** Writes a block of the first {@code length} elements of {@code bits}. */
    int write(Section kind, int length, int stored) throws IOException {
      int before = section.size();
      section.putCount(length);
      section.putByte(stored == parameters.width() ? CompactLayout.OWN : CompactLayout.HALF);
      Block.put(bits, length, stored, packed, section);
      int size = section.size() - before;
      inSection += length;
      done += length;
      if (inSection >= Block.LONGEST) {
        endSection(kind);
      }
      return size;
    }

    void endSection(Section kind) throws IOException {
      if (inSection > 0) {
        out.write(kind, section);
        section = new ByteSink();
        inSection = 0;
        options.progress().accept(Math.min(done, parameters.length()));
      }
    }
  }

  private void writeUpdaterState(Blocks blocks) throws IOException {
    RawValues.View view = updaterState.view();
    for (long from = 0; from < updaterState.length(); from += Block.LONGEST) {
      int length = (int) Math.min(Block.LONGEST, updaterState.length() - from);
      view.read(from, bits, length);
      blocks.write(Section.UPDA, length, parameters.width());
    }
    blocks.endSection(Section.UPDA);
  }

  private static ByteSink bytesOf(SavedNormalizer normalizer) {
    ByteSink sink = new ByteSink();
    sink.putByte(CompactLayout.normalizerCode(normalizer.kind()));
    sink.putByte(normalizer.fitsLabels() ? 1 : 0);
    sink.putByte(normalizer.doubles() ? 1 : 0);
    for (double setting : normalizer.settings()) {
      sink.putNumber(Double.doubleToRawLongBits(setting), Double.BYTES);
    }
    for (double[] vector : normalizer.statistics()) {
      long[] values = new long[vector.length];
      for (int i = 0; i < vector.length; i++) {
        values[i] = Double.doubleToRawLongBits(vector[i]);
      }
      sink.putCount(values.length);
      Block.put(values, values.length, Double.BYTES, sink);
    }
    return sink;
  }

  /** A mask mostly repeats which weights are zero, so only the differences are written. */
  private ByteSink pruningBytes(PruningListener listener) throws IOException {
    PruningState state = listener.state();
    Map<String, PrunableParameter> named = CompactLayout.byName(described);
    List<TensorState> tensors = new ArrayList<>();
    for (TensorState tensor : state.tensors()) {
      Mask written = CompactLayout.nonZeros(CompactLayout.named(named, tensor), nonZeros);
      tensors.add(
          new TensorState(
              tensor.name(), tensor.shape(), tensor.mask().xor(written), tensor.remembered()));
    }
    ByteSink sink = new ByteSink();
    sink.putText(listener.config().recipe().orElse(""));
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(deflated)) {
      PruningStateStream.write(state.with(tensors), deflater);
    }
    sink.putBytes(deflated.toByteArray(), deflated.size());
    return sink;
  }
}
