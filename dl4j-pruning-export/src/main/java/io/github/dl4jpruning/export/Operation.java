package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;

/**
 * The operation of a step of a plan. Values are vectors of channels or planes (depth × height ×
 * width positions for each channel); a sequence has one item for each time step.
 */
public sealed interface Operation {

  /**
   * activation(W·x + b) for each item.
   *
   * @param weights one row for each output
   * @param bias the bias of each output, or none
   * @param activation the activation that follows
   */
  record Linear(Matrix weights, Matrix bias, Activation activation) implements Operation {}

  /**
   * activation(W ∗ x + b).
   *
   * @param weights one row for each output channel; columns by input channel, then by place of the
   *     kernel. Depthwise convolutions have zeros for the other channels
   * @param bias the bias of each output channel, or none
   * @param window the window of the kernel
   * @param activation the activation that follows
   */
  record Convolution(Matrix weights, Matrix bias, Window window, Activation activation)
      implements Operation {}

  /** The function of a pooling. */
  enum Pool {
    /** The maximum. */
    MAX(0),
    /** The mean of the values within the border. */
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

    /** Returns the code in a runtime file. */
    int code() {
      return code;
    }
  }

  /**
   * Pooling of planes.
   *
   * @param pool the function
   * @param p the p of the p-norm
   * @param window the window
   */
  record Pooling(Pool pool, float p, Window window) implements Operation {}

  /**
   * Pooling over all positions of planes, or over all steps of a sequence.
   *
   * @param pool the function
   * @param p the p of the p-norm
   * @param overSteps whether it pools over steps, not positions
   */
  record GlobalPooling(Pool pool, float p, boolean overSteps) implements Operation {}

  /**
   * activation(scale·x + shift).
   *
   * @param scales one for all, or one for each channel
   * @param shifts as many as scales
   * @param activation the activation that follows
   */
  record PerChannel(Matrix scales, Matrix shifts, Activation activation) implements Operation {}

  /**
   * A separate activation.
   *
   * @param activation the activation
   */
  record Activate(Activation activation) implements Operation {}

  /**
   * x, but slope·x below zero.
   *
   * @param slopes one for all, one for each channel, or one for each element
   */
  record Slopes(Matrix slopes) implements Operation {}

  /** The axis along which a softmax sums to 1. */
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
   * @param along the axis; DL4J takes the last axis of its array, whatever it means
   */
  record Softmax(Axis along) implements Operation {}

  /**
   * activation(gain·(x − mean) / deviation + bias) over the channels of an item.
   *
   * @param gains the gain of each channel
   * @param bias the bias of each channel, or none
   * @param activation the activation that follows
   */
  record LayerNormalisation(Matrix gains, Matrix bias, Activation activation)
      implements Operation {}

  /**
   * x / (k + α·Σ x²)^β, where the sum has n/2 channels on each side.
   *
   * @param k the constant
   * @param n the width of the sum
   * @param alpha the factor of the sum
   * @param beta the exponent
   */
  record ResponseNormalisation(float k, float n, float alpha, float beta) implements Operation {}

  /**
   * x / max(‖x‖₂, ε) over all elements of an item or of a whole sequence.
   *
   * @param epsilon the smallest norm
   * @param overSteps whether all steps of a sequence share one norm
   */
  record UnitNorm(float epsilon, boolean overSteps) implements Operation {}

  /**
   * Zeros around planes; negative sizes cut positions off.
   *
   * @param sizes the zeros in front and at the end, for depth, height and width
   */
  record Border(List<Integer> sizes) implements Operation {}

  /**
   * Repetition of each position.
   *
   * @param times the repetitions along depth, height and width
   */
  record Upsample(List<Integer> times) implements Operation {}

  /**
   * Zeros between positions.
   *
   * @param distances the new distances between positions, for depth, height and width
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
   * An item, repeated as time steps.
   *
   * @param times the number of steps; 0 for as many as the second input has
   */
  record RepeatSteps(int times) implements Operation {}

  /**
   * Planes as one vector.
   *
   * @param channelsLast whether the vector is position by position, not channel by channel
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

  /** The ways to combine several values into one. */
  enum Combination {
    /** Their sum. */
    ADD(0),
    /** The first minus the others. */
    SUBTRACT(1),
    /** Their product. */
    PRODUCT(2),
    /** Their mean. */
    AVERAGE(3),
    /** Their maximum. */
    MAX(4);

    private final int code;

    Combination(int code) {
      this.code = code;
    }

    /** Returns the code in a runtime file. */
    int code() {
      return code;
    }
  }

  /**
   * Several values combined into one, by element.
   *
   * @param how the way to combine
   * @param activation the activation that follows
   */
  record Combine(Combination how, Activation activation) implements Operation {}

  /** The channels of several values, one value after the other. */
  record Concatenate() implements Operation {}

  /**
   * A range of channels.
   *
   * @param first the first channel
   * @param end the end of the range (exclusive)
   */
  record Channels(int first, int end) implements Operation {}

  /**
   * activation(W[word] + b).
   *
   * @param words one row for each word
   * @param bias the bias of each output, or none
   * @param activation the activation that follows
   */
  record Embedding(Matrix words, Matrix bias, Activation activation) implements Operation {}

  /**
   * An LSTM, in DL4J's order of gates: candidate, forget, output, input.
   *
   * @param input the weights of the input: one row for each gate of each unit, gate by gate
   * @param recurrent the weights of the last output
   * @param bias the bias of each row
   * @param peepholes the weights of the forget, output and input gates for each unit, or none
   * @param activation the activation of candidates and cells
   * @param gate the activation of gates
   * @param masked the value of masked steps, if there are any: a step in which all channels have
   *     this value outputs zeros and resets the state
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
   * activation(W·x + R·h + b), where h is the last output.
   *
   * @param input W
   * @param recurrent R
   * @param bias b
   * @param activation the activation that follows
   * @param masked the value of masked steps, if there are any, as for an LSTM
   */
  record SimpleRecurrent(
      Matrix input, Matrix recurrent, Matrix bias, Activation activation, Optional<Float> masked)
      implements Operation {}
}
