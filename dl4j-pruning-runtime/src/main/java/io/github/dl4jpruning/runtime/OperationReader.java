package io.github.dl4jpruning.runtime;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import java.util.List;

/** Reads operations of a runtime file. */
final class OperationReader {

  private static final int LINEAR = 0;
  private static final int CONVOLUTION = 1;
  private static final int POOLING = 2;
  private static final int GLOBAL_POOLING = 3;
  private static final int PER_CHANNEL = 4;
  private static final int ELEMENTWISE = 5;
  private static final int NORMALISE = 6;
  private static final int RESAMPLE = 7;
  private static final int STEPS = 8;
  private static final int REARRANGE = 9;
  private static final int COMBINE = 10;
  private static final int EMBEDDING = 11;
  private static final int LSTM = 12;
  private static final int SIMPLE_RECURRENT = 13;
  private static final int LAST = SIMPLE_RECURRENT;

  private static final int MOST_NUMBERS = 64;
  private static final int MOST_VECTOR = 1 << 24;

  private final ByteSource bytes;
  private final List<SparseMatrix> tensors;
  private long vectors;

  OperationReader(ByteSource bytes, List<SparseMatrix> tensors) {
    this.bytes = bytes;
    this.tensors = tensors;
  }

  Operation read(int inputs) throws IOException {
    int kind = bytes.getByte(LAST, "a kind of operation");
    boolean several = kind == COMBINE || kind == STEPS;
    if (inputs > 1 && !several) {
      throw bytes.error("expected one input of an operation, but found " + inputs);
    }
    switch (kind) {
      case LINEAR:
        return new Linear(matrix(), vector(), function(), flag());
      case CONVOLUTION:
        return new Convolution(matrix(), vector(), new Window(numbers(), 0), function());
      case POOLING:
        return new Pooling(code(), number(), new Window(numbers(), 0));
      case GLOBAL_POOLING:
        return new GlobalPooling(code(), number(), flag());
      case PER_CHANNEL:
        return new PerChannel(vector(), vector(), function());
      case ELEMENTWISE:
        return new Elementwise(function(), vector());
      case NORMALISE:
        return new Normalise(code(), floats(), vector(), vector(), function());
      case RESAMPLE:
        return new Resample(code(), numbers());
      case STEPS:
        return steps(inputs);
      case REARRANGE:
        return new Rearrange(code(), numbers());
      case COMBINE:
        return combine(inputs);
      case EMBEDDING:
        return new Embedding(matrix(), vector(), function());
      case LSTM:
        return new Lstm(matrix(), matrix(), vector(), vector(), function(), function());
      default:
        return new SimpleRecurrent(matrix(), matrix(), vector(), function());
    }
  }

  private Operation steps(int inputs) throws IOException {
    int kind = code();
    int needed = kind == Steps.REPEAT_LIKE ? 2 : 1;
    if (inputs != needed) {
      throw bytes.error("expected " + needed + " inputs, but found " + inputs);
    }
    return new Steps(kind, (int) bytes.getCount(Integer.MAX_VALUE, "a number of steps"));
  }

  private Operation combine(int inputs) throws IOException {
    int kind = code();
    if (kind == Combine.CHANNELS && inputs != 1) {
      throw bytes.error("expected one input, but found " + inputs);
    }
    int first = (int) bytes.getCount(Integer.MAX_VALUE, "a channel");
    int end = (int) bytes.getCount(Integer.MAX_VALUE, "a channel");
    return new Combine(kind, first, end, function());
  }

  private int code() throws IOException {
    return bytes.getByte(255, "a code");
  }

  private boolean flag() throws IOException {
    return bytes.getByte(1, "a flag") == 1;
  }

  private float number() throws IOException {
    return Float.intBitsToFloat((int) bytes.getNumber(Float.BYTES));
  }

  private float[] floats() throws IOException {
    float[] floats = new float[(int) bytes.getCount(MOST_NUMBERS, "a number of numbers")];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = number();
    }
    return floats;
  }

  /** Whole numbers, of which negative ones are written with their sign in the lowest bit. */
  private int[] numbers() throws IOException {
    int[] numbers = new int[(int) bytes.getCount(MOST_NUMBERS, "a number of numbers")];
    for (int i = 0; i < numbers.length; i++) {
      long code = bytes.getCount((1L << 32) - 1, "a number");
      numbers[i] = (int) ((code >>> 1) ^ -(code & 1));
    }
    return numbers;
  }

  private Function function() throws IOException {
    int kind = code();
    float[] p = new float[3];
    for (int i = 0; i < Function.parameters(kind); i++) {
      p[i] = number();
    }
    return new Function(kind, p[0], p[1], p[2]);
  }

  private SparseMatrix matrix() throws IOException {
    int index = (int) bytes.getCount(tensors.size(), "a tensor");
    if (index == 0) {
      throw bytes.error("expected a tensor, but found none");
    }
    return tensors.get(index - 1);
  }

  /** A tensor with its zeros; empty for none. */
  private float[] vector() throws IOException {
    int index = (int) bytes.getCount(tensors.size(), "a tensor");
    if (index == 0) {
      return new float[0];
    }
    SparseMatrix tensor = tensors.get(index - 1);
    vectors += tensor.columns;
    if (tensor.rows != 1 || vectors > MOST_VECTOR) {
      throw bytes.error(
          "expected a vector, but found " + tensor.rows + " rows of " + tensor.columns);
    }
    float[] values = new float[tensor.columns];
    for (int k = 0; k < tensor.values.length; k++) {
      values[tensor.indices[k]] = tensor.values[k];
    }
    return values;
  }
}
