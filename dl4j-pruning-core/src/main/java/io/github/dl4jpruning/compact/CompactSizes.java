package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.report.TextTable;
import java.util.List;
import java.util.Locale;

/**
 * The bytes of a compact file, by part. {@link #toString} returns a table.
 *
 * @param tensors one entry for each tensor, in the order of the file
 * @param configuration bytes of the network's configuration
 * @param rest bytes of the updater state, the normaliser, the pruning state and the framing
 */
public record CompactSizes(List<Tensor> tensors, long configuration, long rest) {

  /**
   * One tensor.
   *
   * @param name layer and key
   * @param values the number of elements
   * @param nonZeros the number of elements that are not zero in the file
   * @param raw bytes of the elements in memory
   * @param compact bytes in the file
   * @param coding the coding of the values
   */
  public record Tensor(
      String name, long values, long nonZeros, long raw, long compact, String coding) {}

  /** Copies the list. */
  public CompactSizes {
    tensors = List.copyOf(tensors);
  }

  /**
   * Returns the bytes of all parameters in memory.
   *
   * @return the sum
   */
  public long raw() {
    return tensors.stream().mapToLong(Tensor::raw).sum();
  }

  /**
   * Returns the bytes of the whole file.
   *
   * @return the sum
   */
  public long compact() {
    return tensors.stream().mapToLong(Tensor::compact).sum() + configuration + rest;
  }

  /**
   * Returns how many times smaller the file is than the parameters in memory.
   *
   * @return raw / compact
   */
  public double ratio() {
    return (double) raw() / compact();
  }

  @Override
  public String toString() {
    TextTable table =
        new TextTable("parameter", "values", "non-zeros", "raw bytes", "compact", "ratio", "kept");
    for (Tensor tensor : tensors) {
      table.row(
          tensor.name(),
          count(tensor.values()),
          count(tensor.nonZeros()),
          count(tensor.raw()),
          count(tensor.compact()),
          ratio(tensor.raw(), tensor.compact()),
          tensor.coding());
    }
    table.row("configuration", "", "", "", count(configuration), "", "");
    table.row("all else", "", "", "", count(rest), "", "");
    table.rule();
    table.row("total", "", "", count(raw()), count(compact()), ratio(raw(), compact()), "");
    return table.toString();
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String ratio(long raw, long compact) {
    return String.format(Locale.ROOT, "%.1f×", (double) raw / compact);
  }
}
