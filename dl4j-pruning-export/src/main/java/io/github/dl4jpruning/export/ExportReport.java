package io.github.dl4jpruning.export;

import io.github.dl4jpruning.report.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * What was written, and how it compares with DL4J.
 *
 * @param bytes length of the file
 * @param weights weights of the plan, zeros included
 * @param nonZeros those that are not zero
 * @param samples how many samples were compared
 * @param randomSamples whether they were random numbers, not data
 * @param largestDifference of an output, in parts of the largest output of its sample
 * @param differentClasses samples whose largest output is another one than in DL4J
 * @param unread channels of inputs that no weight reads, by the name of the input
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
   * As JSON.
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

  /** A table for people. */
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
