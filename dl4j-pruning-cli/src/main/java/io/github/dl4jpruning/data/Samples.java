package io.github.dl4jpruning.data;

import java.util.List;
import org.nd4j.linalg.dataset.DataSet;

/** Labelled samples that can be read in any order, from memory or from a file. */
public interface Samples {

  /**
   * Returns the number of samples.
   *
   * @return 1 or more
   */
  int size();

  /**
   * Reads some samples as one batch, before any normaliser.
   *
   * @param positions their positions, each from 0 to {@code size() - 1}
   * @return the batch, in the order of the positions; sequences are filled up to the longest, with
   *     masks
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  DataSet read(int... positions);

  /**
   * Returns the names of the classes.
   *
   * @return the names in the order of the outputs; empty if numbers are predicted
   */
  List<String> classes();

  /**
   * Says what the samples are.
   *
   * @return a few words, such as "150 rows of 4 inputs"
   */
  String title();
}
