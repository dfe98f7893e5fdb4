package io.github.dl4jpruning.runtime;

import java.util.Arrays;

/** activation(W[word] + b): maps the number of a word to the row of this word. */
final class Embedding extends Operation {

  private final SparseMatrix words;
  private final float[] bias;
  private final Function activation;

  /**
   * Creates a layer.
   *
   * @param words one row for each word
   * @param bias the bias of each output; empty for none
   */
  Embedding(SparseMatrix words, float[] bias, Function activation) {
    this.words = words;
    this.bias = bias;
    this.activation = activation;
    if (bias.length != 0 && bias.length != words.columns) {
      throw mismatch("a bias", words.columns + " values", bias.length);
    }
  }

  @Override
  Shape shape(Shape[] in) {
    requireVectors(title(), in[0], 1);
    return Shape.vectors(in[0].items, words.columns);
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    int columns = words.columns;
    return new Kernel() {
      @Override
      void run() {
        for (int item = 0; item < out.shape.items; item++) {
          float number = in[0].flat[item];
          if (!(number >= 0f && number < words.rows)) { // also catches NaN
            throw new IllegalArgumentException(
                "expected a word of 0 to " + (words.rows - 1) + ", but found " + number);
          }
          int word = (int) number;
          int to = item * columns;
          Arrays.fill(out.flat, to, to + columns, 0f);
          for (int k = words.starts[word]; k < words.starts[word + 1]; k++) {
            out.flat[to + words.indices[k]] = words.values[k];
          }
          for (int c = 0; c < bias.length; c++) {
            out.flat[to + c] += bias[c];
          }
          activation.apply(out.flat, to, to + columns);
        }
      }
    };
  }

  @Override
  long nonZeros() {
    return words.nonZeros();
  }

  @Override
  long weights() {
    return (long) words.rows * words.columns;
  }

  @Override
  String title() {
    return "embedding of " + words.rows + " words";
  }
}
