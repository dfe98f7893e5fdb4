package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.report.TextTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * The result of an export as C.
 *
 * @param plan the network with the weights of the C code, compared with DL4J; its bytes are those
 *     of the source file
 * @param constantBytes the bytes of all constant tables: weights, positions, biases, windows
 * @param memoryBytes the bytes of static memory
 * @param compiled what the compiled code gave; empty without a compiler
 */
public record CReport(
    ExportReport plan, long constantBytes, long memoryBytes, Optional<Compiled> compiled) {

  /**
   * What the compiled code gave on the samples of the check.
   *
   * @param samples the number of samples that were compared with DL4J
   * @param largestDifference the largest difference of an output, relative to the largest output of
   *     its sample
   * @param differentClasses the number of samples whose largest output differs from that in DL4J
   * @param nanos the processor time of a sample, or of a time step if sequences have any length
   * @param sections the sizes of code, constants and memory, if they can be told
   */
  public record Compiled(
      long samples,
      double largestDifference,
      long differentClasses,
      double nanos,
      Optional<SectionSizes> sections) {}

  /**
   * Returns the report as JSON.
   *
   * @return an object with a field for each component
   */
  public String toJson() {
    ObjectNode node;
    try {
      node = (ObjectNode) new ObjectMapper().readTree(plan.toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // its own text
    }
    node.put("constantBytes", constantBytes).put("memoryBytes", memoryBytes);
    compiled.ifPresent(
        result -> {
          ObjectNode own = node.putObject("compiled");
          own.put("samples", result.samples());
          own.put("largestDifference", result.largestDifference());
          own.put("differentClasses", result.differentClasses());
          own.put("nanos", result.nanos());
          result
              .sections()
              .ifPresent(
                  sections ->
                      own.put("text", sections.text())
                          .put("rodata", sections.constants())
                          .put("bss", sections.memory()));
        });
    return node.toPrettyString();
  }

  /** Returns a table for users. */
  @Override
  public String toString() {
    TextTable table = new TextTable("export as C", "");
    table.row("weights", number(plan.weights()));
    table.row("not zero", number(plan.nonZeros()));
    table.row("bytes of constants", number(constantBytes));
    table.row("bytes of memory", number(memoryBytes));
    String kind = plan.randomSamples() ? " random" : "";
    table.row("compared with DL4J on", number(plan.samples()) + kind + " samples");
    table.row("largest difference", difference(plan.largestDifference()));
    table.row("samples of another class", number(plan.differentClasses()));
    compiled.ifPresent(
        result -> {
          table.rule();
          table.row("compiled and run on", number(result.samples()) + kind + " samples");
          table.row("largest difference", difference(result.largestDifference()));
          table.row("samples of another class", number(result.differentClasses()));
          table.row("time", String.format(Locale.ROOT, "%,.2f µs", result.nanos() / 1e3));
          result
              .sections()
              .ifPresent(
                  sections -> {
                    table.row("bytes of .text", number(sections.text()));
                    table.row("bytes of .rodata", number(sections.constants()));
                    table.row("bytes of .bss", number(sections.memory()));
                  });
        });
    return table.toString();
  }

  private static String difference(double value) {
    return String.format(Locale.ROOT, "%.2g", value);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
