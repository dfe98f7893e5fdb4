package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;

/**
 * What a step of a plan does. Values are vectors of channels or planes (for each channel depth ×
 * height × width positions); a sequence is one item for each time step.
 */
public sealed interface Operation {

  /**
   * activation(W·x + b) for each item.
   *
   * @param weights a row for each output
   * @param bias of each output, or none
   * @param activation what follows
   */
  record Linear(Matrix weights, Matrix bias, Activation activation) implements Operation {}

  /**
   * activation(W ∗ x + b).
   *
   * @param weights a row for each output channel; columns by input channel, then place of the
   *     kernel. Depthwise convolutions have zeros for the other channels
   * @param bias of each output channel, or none
   * @param window how the kernel slides
   * @param activation what follows
   */
  record Convolution(Matrix weights, Matrix bias, Window window, Activation activation)
      implements Operation {}

  /** What pooling makes of many numbers. */
  enum Pool {
    /** The largest. */
    MAX(0),
    /** The mean of those within the border. */
    AVERAGE(1),
    /** The mean, zeros beyond the border included. */
    AVERAGE_WITH_ZEROS(2),
    /** The sum. */
    SUM(3),
    /** The p-norm. */
    NORM(4);

    private final int code;

    Pool(int code) {
      this.code = code;
    }

    /** Of a runtime file. */
    int code() {
      return code;
    }
  }

  /**
   * Pooling of planes.
   *
   * @param pool how
   * @param p of the p-norm
   * @param window over what
   */
  record Pooling(Pool pool, float p, Window window) implements Operation {}

  /**
   * Pooling over all positions of planes, or over all steps of a sequence.
   *
   * @param pool how
   * @param p of the p-norm
   * @param overSteps whether over steps
   */
  record GlobalPooling(Pool pool, float p, boolean overSteps) implements Operation {}

  /**
   * activation(scale·x + shift).
   *
   * @param scales one, or one for each channel
   * @param shifts as many
   * @param activation what follows
   */
  record PerChannel(Matrix scales, Matrix shifts, Activation activation) implements Operation {}

  /**
   * An activation on its own.
   *
   * @param activation which
   */
  record Activate(Activation activation) implements Operation {}

  /**
   * x, or a slope times x below zero.
   *
   * @param slopes one, one for each channel, or one for each element
   */
  record Slopes(Matrix slopes) implements Operation {}

  /** Along what a softmax adds up to 1. */
  enum Axis {
    /** Channels. */
    CHANNELS,
    /** The width of planes. */
    WIDTH,
    /** The steps of a sequence. */
    STEPS
  }

  /**
   * Softmax.
   *
   * @param along along what; DL4J takes the last axis of its array, whatever it means
   */
  record Softmax(Axis along) implements Operation {}

  /**
   * activation(gain·(x − mean) / deviation + bias) over the channels of an item.
   *
   * @param gains of each channel
   * @param bias of each channel, or none
   * @param activation what follows
   */
  record LayerNormalisation(Matrix gains, Matrix bias, Activation activation)
      implements Operation {}

  /**
   * x / (k + α·Σ x²)^β, the sum over n/2 channels to each side.
   *
   * @param k added
   * @param n width of the sum
   * @param alpha its factor
   * @param beta the exponent
   */
  record ResponseNormalisation(float k, float n, float alpha, float beta) implements Operation {}

  /**
   * x / max(‖x‖₂, ε) over all elements of an item or of a whole sequence.
   *
   * @param epsilon the least norm
   * @param overSteps whether one norm holds for all steps of a sequence
   */
  record UnitNorm(float epsilon, boolean overSteps) implements Operation {}

  /**
   * Zeros around planes; negative numbers cut off.
   *
   * @param sizes in front and behind, for depth, height and width
   */
  record Border(List<Integer> sizes) implements Operation {}

  /**
   * Each position several times.
   *
   * @param times for depth, height and width
   */
  record Upsample(List<Integer> times) implements Operation {}

  /**
   * Zeros between positions.
   *
   * @param distances of positions afterwards, for depth, height and width
   */
  record Spread(List<Integer> distances) implements Operation {}

  /** The last time step. */
  record LastStep() implements Operation {}

  /**
   * The last time step of the first input that is not masked. A step is masked if all channels of
   * the second input have one value.
   *
   * @param masked the value of masked steps
   */
  record LastUnmaskedStep(float masked) implements Operation {}

  /** The time steps in reverse. */
  record ReverseSteps() implements Operation {}

  /**
   * An item several times, as time steps.
   *
   * @param times how often; 0 for as many as the second input has
   */
  record RepeatSteps(int times) implements Operation {}

  /**
   * Planes as one vector.
   *
   * @param channelsLast whether position by position, not channel by channel
   */
  record Flatten(boolean channelsLast) implements Operation {}

  /**
   * A vector as planes.
   *
   * @param sizes channels, depth, height, width
   * @param channelsLast whether the vector is position by position
   */
  record Unflatten(List<Integer> sizes, boolean channelsLast) implements Operation {}

  /** The steps of a sequence as the width of planes. */
  record StepsToWidth() implements Operation {}

  /** The width of planes as the steps of a sequence. */
  record WidthToSteps() implements Operation {}

  /** How several values become one. */
  enum Combination {
    /** Their sum. */
    ADD(0),
    /** The first minus the others. */
    SUBTRACT(1),
    /** Their product. */
    PRODUCT(2),
    /** Their mean. */
    AVERAGE(3),
    /** The largest of them. */
    MAX(4);

    private final int code;

    Combination(int code) {
      this.code = code;
    }

    /** Of a runtime file. */
    int code() {
      return code;
    }
  }

  /**
   * Several values made into one, element by element.
   *
   * @param how how
   * @param activation what follows
   */
  record Combine(Combination how, Activation activation) implements Operation {}

  /** The channels of several values behind each other. */
  record Concatenate() implements Operation {}

  /**
   * Some channels.
   *
   * @param first the first
   * @param end the one behind the last
   */
  record Channels(int first, int end) implements Operation {}

  /**
   * activation(W[word] + b).
   *
   * @param words a row for each word
   * @param bias of each output, or none
   * @param activation what follows
   */
  record Embedding(Matrix words, Matrix bias, Activation activation) implements Operation {}

  /**
   * An LSTM, in DL4J's order of gates: candidate, forget, output, input.
   *
   * @param input weights of the input: a row for each gate of each unit, gate by gate
   * @param recurrent weights of the last output
   * @param bias of each row
   * @param peepholes of the forget, output and input gates for each unit, or none
   * @param activation of candidates and cells
   * @param gate of gates
   * @param masked the value of masked steps, if there are any: a step in which all channels have it
   *     gives zeros and resets the state
   */
  record Lstm(
      Matrix input,
      Matrix recurrent,
      Matrix bias,
      Matrix peepholes,
      Activation activation,
      Activation gate,
      Optional<Float> masked)
      implements Operation {}

  /**
   * activation(W·x + R·h + b), h being the last output.
   *
   * @param input W
   * @param recurrent R
   * @param bias b
   * @param activation what follows
   * @param masked the value of masked steps, if there are any, as for an LSTM
   */
  record SimpleRecurrent(
      Matrix input, Matrix recurrent, Matrix bias, Activation activation, Optional<Float> masked)
      implements Operation {}
}
