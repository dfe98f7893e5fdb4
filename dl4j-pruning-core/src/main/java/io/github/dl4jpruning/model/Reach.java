package io.github.dl4jpruning.model;

import java.util.Objects;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/**
 * Activations of one example of a network, as a layer sees them. DL4J folds time steps into the
 * minibatch where a layer that knows no time reads a sequence, and its types forget that: so an
 * example of the network may be several examples of a type.
 *
 * @param type what one of them is
 * @param times how many of them there are
 */
record Reach(InputType type, long times) {

  Reach {
    Objects.requireNonNull(type, "type");
  }

  /**
   * What a preprocessor makes of it. Preprocessors give another shape to the same numbers, so what
   * the new type does not hold has gone into the minibatch; or has come back from it, where the new
   * type has time steps and does not say how many.
   */
  Reach through(InputPreProcessor preProcessor) {
    boolean sequence = type instanceof InputType.InputTypeRecurrent;
    if (preProcessor == null
        || (!sequence && preProcessor instanceof RnnToFeedForwardPreProcessor)) {
      return this; // DL4J puts one behind a pooled sequence, where it does nothing
    }
    InputType made = preProcessor.getOutputType(type);
    long numbers = times * elements(type);
    if (made instanceof InputType.InputTypeRecurrent steps
        && steps.getTimeSeriesLength() <= 0
        && numbers % steps.getSize() == 0) {
      return new Reach(withSteps(steps, numbers / steps.getSize()), 1);
    }
    long each = elements(made);
    return new Reach(made, each > 0 && numbers % each == 0 ? numbers / each : times);
  }

  /** What a layer makes of it. */
  Reach behind(Layer layer, int index) {
    InputType made = layer.getOutputType(index, type);
    Object inner = ParameterKinds.Owner.innermost(layer);
    if (inner instanceof GlobalPoolingLayer pooling
        && type instanceof InputType.InputTypeRecurrent sequence) {
      // DL4J says that it stays a sequence.
      return new Reach(
          pooling.isCollapseDimensions()
              ? InputType.feedForward(sequence.getSize())
              : withSteps(sequence, 1),
          times);
    }
    Reach behind = new Reach(made, times);
    // Some layers forget the length of a sequence that they keep.
    return made instanceof InputType.InputTypeRecurrent sequence
            && sequence.getTimeSeriesLength() <= 0
        ? behind.inStepsOf(this)
        : behind;
  }

  /** The same with as many time steps as another sequence has, if it is one. */
  Reach inStepsOf(Reach other) {
    return type instanceof InputType.InputTypeRecurrent sequence
            && other != null
            && other.type instanceof InputType.InputTypeRecurrent reference
        ? new Reach(withSteps(sequence, Math.max(1, reference.getTimeSeriesLength())), times)
        : this;
  }

  private static InputType withSteps(InputType.InputTypeRecurrent sequence, long steps) {
    return InputType.recurrent(sequence.getSize(), steps, sequence.getFormat());
  }

  /** Pixels, voxels or time steps; of all of them. A length that is not known counts for one. */
  long positions() {
    return times * positions(type);
  }

  private static long positions(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional image) {
      return image.getHeight() * image.getWidth();
    } else if (type instanceof InputType.InputTypeConvolutional3D volume) {
      return volume.getDepth() * volume.getHeight() * volume.getWidth();
    } else if (type instanceof InputType.InputTypeRecurrent sequence) {
      return Math.max(1, sequence.getTimeSeriesLength());
    }
    return 1;
  }

  private static long elements(InputType type) {
    long channels;
    if (type instanceof InputType.InputTypeConvolutional image) {
      channels = image.getChannels();
    } else if (type instanceof InputType.InputTypeConvolutional3D volume) {
      channels = volume.getChannels();
    } else if (type instanceof InputType.InputTypeRecurrent sequence) {
      channels = sequence.getSize();
    } else if (type instanceof InputType.InputTypeConvolutionalFlat flat) {
      channels = flat.getFlattenedSize();
    } else {
      channels = ((InputType.InputTypeFeedForward) type).getSize();
    }
    return channels * positions(type);
  }
}
