package io.github.dl4jpruning.export;

import io.github.dl4jpruning.codec.ByteSink;
import io.github.dl4jpruning.runtime.codec.RuntimeFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Writes one operation of a runtime file. */
final class OperationWriter {

  private static final int CONCATENATE = 5;
  private static final int CHANNELS = 6;

  private final ByteSink sink;
  private final ToIntFunction<Matrix> number;
  private final boolean manyZeros;

  OperationWriter(ByteSink sink, ToIntFunction<Matrix> number, boolean manyZeros) {
    this.sink = sink;
    this.number = number;
    this.manyZeros = manyZeros;
  }

  void put(Operation operation) {
    if (operation instanceof Operation.Linear linear) {
      sink.putByte(RuntimeFormat.LINEAR);
      tensors(linear.weights(), linear.bias());
      activation(linear.activation());
      flag(manyZeros);
    } else if (operation instanceof Operation.Convolution convolution) {
      sink.putByte(RuntimeFormat.CONVOLUTION);
      tensors(convolution.weights(), convolution.bias());
      window(convolution.window());
      activation(convolution.activation());
    } else if (operation instanceof Operation.Embedding embedding) {
      sink.putByte(RuntimeFormat.EMBEDDING);
      tensors(embedding.words(), embedding.bias());
      activation(embedding.activation());
    } else if (operation instanceof Operation.Lstm lstm) {
      masked(lstm.masked());
      sink.putByte(RuntimeFormat.LSTM);
      tensors(lstm.input(), lstm.recurrent(), lstm.bias(), lstm.peepholes());
      activation(lstm.activation());
      activation(lstm.gate());
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      masked(simple.masked());
      sink.putByte(RuntimeFormat.SIMPLE_RECURRENT);
      tensors(simple.input(), simple.recurrent(), simple.bias());
      activation(simple.activation());
    } else {
      putWithoutWeights(operation);
    }
  }

  private void putWithoutWeights(Operation operation) {
    if (operation instanceof Operation.PerChannel scale) {
      sink.putByte(RuntimeFormat.PER_CHANNEL);
      tensors(scale.scales(), scale.shifts());
      activation(scale.activation());
    } else if (operation instanceof Operation.Activate activate) {
      sink.putByte(RuntimeFormat.ELEMENTWISE);
      activation(activate.activation());
      tensors(Matrix.NONE);
    } else if (operation instanceof Operation.Slopes slopes) {
      sink.putByte(RuntimeFormat.ELEMENTWISE);
      activation(Activation.IDENTITY);
      tensors(slopes.slopes());
    } else if (operation instanceof Operation.Pooling pooling) {
      sink.putByte(RuntimeFormat.POOLING);
      sink.putByte(pooling.pool().code());
      decimal(pooling.p());
      window(pooling.window());
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      sink.putByte(RuntimeFormat.GLOBAL_POOLING);
      sink.putByte(pooling.pool().code());
      decimal(pooling.p());
      flag(pooling.overSteps());
    } else if (operation instanceof Operation.Combine combine) {
      combine(combine.how().code(), 0, 0, combine.activation());
    } else if (operation instanceof Operation.Concatenate) {
      combine(CONCATENATE, 0, 0, Activation.IDENTITY);
    } else if (operation instanceof Operation.Channels channels) {
      combine(CHANNELS, channels.first(), channels.end(), Activation.IDENTITY);
    } else if (!putNormalisation(operation) && !putPositions(operation)) {
      putSteps(operation);
    }
  }

  private boolean putNormalisation(Operation operation) {
    if (operation instanceof Operation.Softmax softmax) {
      int kind =
          switch (softmax.along()) {
            case CHANNELS -> 0;
            case WIDTH -> 4;
            case STEPS -> 5;
          };
      normalise(kind, new float[0], Matrix.NONE, Matrix.NONE, Activation.IDENTITY);
    } else if (operation instanceof Operation.LayerNormalisation norm) {
      normalise(1, new float[0], norm.gains(), norm.bias(), norm.activation());
    } else if (operation instanceof Operation.ResponseNormalisation r) {
      float[] numbers = {r.k(), r.n(), r.alpha(), r.beta()};
      normalise(2, numbers, Matrix.NONE, Matrix.NONE, Activation.IDENTITY);
    } else if (operation instanceof Operation.UnitNorm unit) {
      normalise(
          unit.overSteps() ? 6 : 3,
          new float[] {unit.epsilon()},
          Matrix.NONE,
          Matrix.NONE,
          Activation.IDENTITY);
    } else {
      return false;
    }
    return true;
  }

  private void masked(Optional<Float> value) {
    if (value.isPresent()) {
      sink.putByte(RuntimeFormat.MASKED);
      decimal(value.get());
    }
  }

  private void normalise(
      int kind, float[] numbers, Matrix gains, Matrix bias, Activation activation) {
    sink.putByte(RuntimeFormat.NORMALISE);
    sink.putByte(kind);
    sink.putCount(numbers.length);
    for (float value : numbers) {
      decimal(value);
    }
    tensors(gains, bias);
    activation(activation);
  }

  private boolean putPositions(Operation operation) {
    if (operation instanceof Operation.Border border) {
      numbered(RuntimeFormat.RESAMPLE, 0, border.sizes());
    } else if (operation instanceof Operation.Upsample upsample) {
      numbered(RuntimeFormat.RESAMPLE, 1, upsample.times());
    } else if (operation instanceof Operation.Spread spread) {
      numbered(RuntimeFormat.RESAMPLE, 2, spread.distances());
    } else if (operation instanceof Operation.Flatten flatten) {
      numbered(RuntimeFormat.REARRANGE, flatten.channelsLast() ? 1 : 0, List.of());
    } else if (operation instanceof Operation.Unflatten unflatten) {
      numbered(RuntimeFormat.REARRANGE, unflatten.channelsLast() ? 3 : 2, unflatten.sizes());
    } else if (operation instanceof Operation.StepsToWidth) {
      numbered(RuntimeFormat.REARRANGE, 4, List.of());
    } else if (operation instanceof Operation.WidthToSteps) {
      numbered(RuntimeFormat.REARRANGE, 5, List.of());
    } else {
      return false;
    }
    return true;
  }

  private void putSteps(Operation operation) {
    sink.putByte(RuntimeFormat.STEPS);
    if (operation instanceof Operation.LastStep) {
      sink.putByte(0);
      sink.putCount(0);
    } else if (operation instanceof Operation.LastUnmaskedStep last) {
      sink.putByte(4);
      sink.putCount(0);
      decimal(last.masked());
    } else if (operation instanceof Operation.ReverseSteps) {
      sink.putByte(1);
      sink.putCount(0);
    } else if (operation instanceof Operation.RepeatSteps repeat) {
      sink.putByte(repeat.times() == 0 ? 3 : 2);
      sink.putCount(repeat.times());
    } else {
      throw new IllegalStateException("expected an operation with a code, but found " + operation);
    }
  }

  private void combine(int kind, int first, int end, Activation activation) {
    sink.putByte(RuntimeFormat.COMBINE);
    sink.putByte(kind);
    sink.putCount(first);
    sink.putCount(end);
    activation(activation);
  }

  private void numbered(int code, int kind, List<Integer> numbers) {
    sink.putByte(code);
    sink.putByte(kind);
    numbers(numbers);
  }

  private void numbers(List<Integer> numbers) {
    sink.putCount(numbers.size());
    numbers.forEach(n -> sink.putCount(Integer.toUnsignedLong((n << 1) ^ (n >> 31))));
  }

  private void window(Window window) {
    List<Integer> numbers = new java.util.ArrayList<>(window.size());
    numbers.addAll(window.stride());
    numbers.addAll(window.dilation());
    numbers.addAll(window.before());
    numbers.addAll(window.behind());
    numbers.add(window.mode().code());
    numbers(numbers);
  }

  private void activation(Activation activation) {
    sink.putByte(activation.kind().code());
    activation.parameters().forEach(this::decimal);
  }

  private void tensors(Matrix... tensors) {
    for (Matrix tensor : tensors) {
      sink.putCount(number.applyAsInt(tensor));
    }
  }

  private void decimal(float value) {
    sink.putNumber(Integer.toUnsignedLong(Float.floatToRawIntBits(value)), Float.BYTES);
  }

  private void flag(boolean set) {
    sink.putByte(set ? 1 : 0);
  }
}
