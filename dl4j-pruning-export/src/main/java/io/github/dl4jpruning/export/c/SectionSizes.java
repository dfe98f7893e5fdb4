package io.github.dl4jpruning.export.c;

import java.util.Optional;

/**
 * The sections of an object file, in bytes.
 *
 * @param text the code, {@code .text}
 * @param constants the constant tables, {@code .rodata}
 * @param memory the static memory, {@code .bss}
 */
public record SectionSizes(long text, long constants, long memory) {

  /** Reads what {@code size -A} prints: a line for each section with its name and its size. */
  static Optional<SectionSizes> parse(String printed) {
    long text = 0;
    long constants = 0;
    long memory = 0;
    for (String line : printed.lines().toList()) {
      String[] cells = line.strip().split("\\s+", -1);
      if (cells.length < 2 || !cells[0].startsWith(".")) {
        continue;
      }
      long size = Long.parseLong(cells[1]);
      text += cells[0].startsWith(".text") ? size : 0;
      constants += cells[0].startsWith(".rodata") ? size : 0;
      memory += cells[0].startsWith(".bss") ? size : 0;
    }
    return text > 0 ? Optional.of(new SectionSizes(text, constants, memory)) : Optional.empty();
  }
}
