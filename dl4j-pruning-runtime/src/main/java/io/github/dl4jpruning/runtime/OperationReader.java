package io.github.dl4jpruning.runtime;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.runtime.codec.RuntimeFormat;
import java.io.IOException;
import java.util.List;

/** Reads the operations of a runtime file. */
final class OperationReader {

  private static final int LAST = RuntimeFormat.MASKED;

  private static final int MOST_NUMBERS = 64;
  private static final int MOST_VECTOR = 1 << 24;

  private final ByteSource bytes;
  private final List<SparseMatrix> tensors;
  private long vectors;
  private long inUse;

  OperationReader(ByteSource bytes, List<SparseMatrix> tensors) {
    this.bytes = bytes;
    this.tensors = tensors;
  }

  Operation read(int inputs) throws IOException {
    int kind = bytes.getByte(LAST, "a code for an operation");
    boolean several = kind == RuntimeFormat.COMBINE || kind == RuntimeFormat.STEPS;
    if (inputs > 1 && !several) {
      throw bytes.error("expected one input of an operation, but found " + inputs);
    }
    switch (kind) {
      case RuntimeFormat.LINEAR:
        return new Linear(matrix(), vector(), function(), flag());
      case RuntimeFormat.CONVOLUTION:
        return new Convolution(matrix(), vector(), new Window(numbers(), 0), function());
      case RuntimeFormat.POOLING:
        return new Pooling(code(), number(), new Window(numbers(), 0));
      case RuntimeFormat.GLOBAL_POOLING:
        return new GlobalPooling(code(), number(), flag());
      case RuntimeFormat.PER_CHANNEL:
        return new PerChannel(vector(), vector(), function());
      case RuntimeFormat.ELEMENTWISE:
        return new Elementwise(function(), vector());
      case RuntimeFormat.NORMALISE:
        return new Normalise(code(), floats(), vector(), vector(), function());
      case RuntimeFormat.RESAMPLE:
        return new Resample(code(), numbers());
      case RuntimeFormat.STEPS:
        return steps(inputs);
      case RuntimeFormat.REARRANGE:
        return new Rearrange(code(), numbers());
      case RuntimeFormat.COMBINE:
        return combine(inputs);
      case RuntimeFormat.EMBEDDING:
        return new Embedding(matrix(), vector(), function());
      case RuntimeFormat.MASKED:
        Masking masking = Masking.of(number());
        return recurrent(bytes.getByte(LAST, "a code for an operation"), masking);
      default:
        return recurrent(kind, Masking.NONE);
    }
  }

  private Operation recurrent(int kind, Masking masking) throws IOException {
    if (kind == RuntimeFormat.LSTM) {
      return new Lstm(matrix(), matrix(), vector(), vector(), function(), function(), masking);
    } else if (kind == RuntimeFormat.SIMPLE_RECURRENT) {
      return new SimpleRecurrent(matrix(), matrix(), vector(), function(), masking);
    }
    throw bytes.error("expected a recurrent layer, but found the kind of operation " + kind);
  }

  private Operation steps(int inputs) throws IOException {
    int kind = code();
    int needed = kind == Steps.REPEAT_LIKE || kind == Steps.LAST_NOT_SKIPPED ? 2 : 1;
    if (inputs != needed) {
      throw bytes.error("expected " + needed + " inputs, but found " + inputs);
    }
    int count = (int) bytes.getCount(Integer.MAX_VALUE, "a number of steps");
    Masking masking = kind == Steps.LAST_NOT_SKIPPED ? Masking.of(number()) : Masking.NONE;
    return new Steps(kind, count, masking);
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
    float[] floats = new float[(int) bytes.getCount(MOST_NUMBERS, "a count of numbers")];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = number();
    }
    return floats;
  }

  /** Reads whole numbers, whose sign is in the lowest bit. */
  private int[] numbers() throws IOException {
    int[] numbers = new int[(int) bytes.getCount(MOST_NUMBERS, "a count of numbers")];
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
    SparseMatrix matrix = tensors.get(index - 1);
    // An operation stores its weights in its own form, which may contain zeros.
    inUse += Product.elements(matrix);
    if (inUse > TensorReader.mostWeights()) {
      throw bytes.error("expected operations whose weights fit into this heap, but found more");
    }
    return matrix;
  }

  /** Reads a tensor with its zeros; empty for none. */
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
