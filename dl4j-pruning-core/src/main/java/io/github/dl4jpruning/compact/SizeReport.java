package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The size of a network on disk in each format, measured without writing a file. {@link #toString}
 * returns a table, {@link #toJson} the same as JSON.
 *
 * <p>DL4J's own zip is deflated, so zeros take little space there too. It is measured without the
 * updater state.
 *
 * @param raw bytes of all parameters in memory
 * @param zip bytes of {@code ModelSerializer}'s file
 * @param bits bits per code in {@code shared}
 * @param lossless the compact file, bit for bit
 * @param half the compact file with weights in half precision
 * @param shared the compact file with weights that share 2^bits values in each tensor
 */
public record SizeReport(
    long raw, long zip, int bits, CompactSizes lossless, CompactSizes half, CompactSizes shared) {

  /**
   * Measures a network without changing it.
   *
   * @param network an initialised {@code MultiLayerNetwork} or {@code ComputationGraph}
   * @param bits bits per code of shared weights, 1 to 8
   * @return the report
   * @throws IllegalArgumentException if bits are out of range
   * @throws IllegalStateException if the network is not initialised
   */
  public static SizeReport of(Model network, int bits) {
    CompactSizes shared =
        CompactModelSerializer.measure(network, CompactOptions.sharedWeights(bits));
    CompactSizes lossless = CompactModelSerializer.measure(network, CompactOptions.lossless());
    CompactSizes half = CompactModelSerializer.measure(network, CompactOptions.halfPrecision());
    Counter zip = new Counter();
    try {
      ModelSerializer.writeModel(network, zip, false);
    } catch (IOException e) {
      throw new IllegalStateException("writing to nowhere cannot fail", e);
    }
    return new SizeReport(lossless.raw(), zip.count, bits, lossless, half, shared);
  }

  /** Counts the bytes written. */
  private static final class Counter extends OutputStream {
    private long count;

    @Override
    public void write(int b) {
      count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      count += length;
    }
  }

  /**
   * Returns the report as JSON: {@code rawBytes}, {@code zipBytes}, {@code bits}, {@code
   * losslessBytes}, {@code halfBytes}, {@code sharedBytes}, and {@code tensors}, an array of name,
   * values, nonZeros, and the same sizes except that of the zip.
   *
   * @return indented JSON
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("rawBytes", raw).put("zipBytes", zip).put("bits", bits);
    root.put("losslessBytes", lossless.compact()).put("halfBytes", half.compact());
    root.put("sharedBytes", shared.compact());
    ArrayNode rows = root.putArray("tensors");
    for (int t = 0; t < lossless.tensors().size(); t++) {
      CompactSizes.Tensor tensor = lossless.tensors().get(t);
      rows.addObject()
          .put("name", tensor.name())
          .put("values", tensor.values())
          .put("nonZeros", tensor.nonZeros())
          .put("rawBytes", tensor.raw())
          .put("losslessBytes", tensor.compact())
          .put("halfBytes", half.tensors().get(t).compact())
          .put("sharedBytes", shared.tensors().get(t).compact());
    }
    return root.toPrettyString();
  }

  @Override
  public String toString() {
    TextTable table =
        new TextTable(
            "parameter", "non-zeros", "raw bytes", "lossless", "half", bits + " bits shared");
    List<CompactSizes.Tensor> tensors = lossless.tensors();
    for (int t = 0; t < tensors.size(); t++) {
      CompactSizes.Tensor tensor = tensors.get(t);
      table.row(
          tensor.name(),
          count(tensor.nonZeros()) + " of " + count(tensor.values()),
          count(tensor.raw()),
          count(tensor.compact()),
          count(half.tensors().get(t).compact()),
          count(shared.tensors().get(t).compact()));
    }
    table.row(
        "all else",
        "",
        "",
        count(lossless.configuration() + lossless.rest()),
        count(half.configuration() + half.rest()),
        count(shared.configuration() + shared.rest()));
    table.rule();
    table.row(
        "compact file",
        "",
        count(raw),
        count(lossless.compact()),
        count(half.compact()),
        count(shared.compact()));
    table.row(
        "smaller than raw",
        "",
        "1.0×",
        ratio(lossless.compact()),
        ratio(half.compact()),
        ratio(shared.compact()));
    return table
        + String.format(Locale.ROOT, "DL4J's own zip: %,d bytes, %s smaller\n", zip, ratio(zip));
  }

  private String ratio(long bytes) {
    return String.format(Locale.ROOT, "%.1f×", (double) raw / bytes);
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
