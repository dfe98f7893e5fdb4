package io.github.dl4jpruning.runtime;

/** A dense layer: activation(W·x + b) for each item. */
final class Linear extends Operation {

  private final int inputs;
  private final int outputs;
  private final int nonZeros;
  private final Product product;
  private final Function activation;

  /**
   * Creates a layer.
   *
   * @param bias the bias of each output; empty for none
   * @param manyZeros whether the inputs are often exactly zero
   */
  Linear(SparseMatrix weights, float[] bias, Function activation, boolean manyZeros) {
    if (bias.length != 0 && bias.length != weights.rows) {
      throw mismatch("a bias", weights.rows + " values", bias.length);
    }
    this.inputs = weights.columns;
    this.outputs = weights.rows;
    this.nonZeros = weights.nonZeros();
    this.product = Product.of(weights, bias, manyZeros);
    this.activation = activation;
  }

  @Override
  Shape shape(Shape[] in) {
    requireVectors(title(), in[0], inputs);
    return Shape.vectors(in[0].items, outputs);
  }

  @Override
  Kernel bind(Value[] in, Value out, Pool pool) {
    float[] x = in[0].flat;
    float[] y = out.flat;
    int items = out.shape.items;
    float[] scratch = pool.take(outputs);
    pool.release(scratch);
    return new Kernel() {
      @Override
      void run() {
        for (int i = 0; i < items; i++) {
          product.multiply(x, i * inputs, y, i * outputs, scratch);
        }
        if (!activation.isIdentity()) {
          activation.apply(y, 0, items * outputs);
        }
      }
    };
  }

  @Override
  long nonZeros() {
    return nonZeros;
  }

  @Override
  long weights() {
    return (long) outputs * inputs;
  }

  @Override
  long macs(Shape[] in, Shape out) {
    return (long) nonZeros * out.items;
  }

  @Override
  String title() {
    return "dense" + (activation.isIdentity() ? "" : ", " + activation.title());
  }
}
