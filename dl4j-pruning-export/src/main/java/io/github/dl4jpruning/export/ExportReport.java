package io.github.dl4jpruning.export;

import io.github.dl4jpruning.report.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The result of an export: the contents of the file, and its comparison with DL4J.
 *
 * @param bytes the length of the file
 * @param weights the number of weights of the plan, zeros included
 * @param nonZeros the number of weights that are not zero
 * @param samples the number of compared samples
 * @param randomSamples whether the samples were random numbers, not data
 * @param largestDifference the largest difference of an output, relative to the largest output of
 *     its sample
 * @param differentClasses the number of samples whose largest output differs from that in DL4J
 * @param unread the input channels that no weight reads, by the name of the input
 */
public record ExportReport(
    long bytes,
    long weights,
    long nonZeros,
    long samples,
    boolean randomSamples,
    double largestDifference,
    long differentClasses,
    Map<String, List<Integer>> unread) {

  /** Copies the map. */
  public ExportReport {
    unread = Map.copyOf(unread);
  }

  /**
   * Returns the report as JSON.
   *
   * @return an object with a field for each component
   */
  public String toJson() {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("bytes", bytes).put("weights", weights).put("nonZeros", nonZeros);
    node.put("samples", samples).put("randomSamples", randomSamples);
    node.put("largestDifference", largestDifference).put("differentClasses", differentClasses);
    ObjectNode inputs = node.putObject("unread");
    unread.forEach(
        (name, channels) ->
            channels.forEach(inputs.putArray(name.isEmpty() ? "input" : name)::add));
    return node.toPrettyString();
  }

  /** Returns a table for users. */
  @Override
  public String toString() {
    TextTable table = new TextTable("export", "");
    table.row("bytes", number(bytes));
    table.row("weights", number(weights));
    table.row("not zero", number(nonZeros));
    table.row(
        "compared with DL4J on", number(samples) + (randomSamples ? " random" : "") + " samples");
    table.row("largest difference", String.format(Locale.ROOT, "%.2g", largestDifference));
    table.row("samples of another class", number(differentClasses));
    unread.forEach(
        (name, channels) ->
            table.row(
                "input" + (name.isEmpty() ? "" : " " + name),
                number(channels.size()) + " channels are read by no weight"));
    return table.toString();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
