package io.github.dl4jpruning.data;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How data of any kind is read.
 *
 * @param table how CSV files are read
 * @param redFirst whether the network reads the colour red first, as Keras models do; otherwise
 *     blue first, as DataVec gives them
 * @param cache a folder for decoded samples that do not fit into memory; empty to decode them anew
 *     in each epoch
 * @param notes receives what a user should know
 */
public record DataOptions(
    TabularOptions table, boolean redFirst, Optional<Path> cache, Consumer<String> notes) {

  /**
   * Returns options that fit most data.
   *
   * @return the default options
   */
  public static DataOptions defaults() {
    return new DataOptions(TabularOptions.defaults(), false, Optional.empty(), note -> {});
  }

  /**
   * Sets how CSV files are read.
   *
   * @param options the options
   * @return new options
   */
  public DataOptions withTable(TabularOptions options) {
    return new DataOptions(options, redFirst, cache, notes);
  }

  /**
   * Sets the order of colours.
   *
   * @param first whether the network reads red first
   * @return new options
   */
  public DataOptions withRedFirst(boolean first) {
    return new DataOptions(table, first, cache, notes);
  }

  /**
   * Sets where decoded samples are kept.
   *
   * @param folder a folder; created when needed
   * @return new options
   */
  public DataOptions withCache(Path folder) {
    return new DataOptions(table, redFirst, Optional.of(folder), notes);
  }

  /**
   * Sets who receives notes.
   *
   * @param listener for example one that prints them
   * @return new options
   */
  public DataOptions withNotes(Consumer<String> listener) {
    return new DataOptions(table, redFirst, cache, listener);
  }
}
