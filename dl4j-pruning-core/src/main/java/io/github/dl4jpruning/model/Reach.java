package io.github.dl4jpruning.model;

import java.util.Objects;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/**
 * The activations of one example of a network, as a layer sees them. DL4J folds time steps into the
 * minibatch if a layer without time steps reads a sequence, but its input types do not record that.
 * So one example of the network may be several examples of a type.
 *
 * @param type the type of one of these examples
 * @param times their number
 */
record Reach(InputType type, long times) {

  Reach {
    Objects.requireNonNull(type, "type");
  }

  /**
   * Returns the reach after a preprocessor. Preprocessors only reshape, so numbers that do not fit
   * into one example of the new type were moved into the minibatch. If the new type has an unknown
   * number of time steps, they were moved back from the minibatch.
   */
  Reach through(InputPreProcessor preProcessor) {
    boolean sequence = type instanceof InputType.InputTypeRecurrent;
    if (!sequence && preProcessor instanceof RnnToFeedForwardPreProcessor) {
      return this; // DL4J adds one after a pooled sequence, where it does nothing
    }
    InputType made = preProcessor.getOutputType(type);
    long numbers = times * elements(type);
    if (made instanceof InputType.InputTypeRecurrent steps
        && steps.getTimeSeriesLength() <= 0
        && numbers % steps.getSize() == 0) {
      // A single step may stand for an unknown length, which stays unknown.
      long length = numbers / steps.getSize();
      return new Reach(length > 1 ? withSteps(steps, length) : steps, 1);
    }
    long each = elements(made);
    return new Reach(made, each > 0 && numbers % each == 0 ? numbers / each : times);
  }

  /** Returns the reach after a layer, wrappers included. */
  Reach behind(Layer layer, int index) {
    if (layer instanceof FrozenLayer frozen) {
      return behind(frozen.getLayer(), index);
    } else if (layer instanceof LastTimeStep last) {
      InputType all = behind(last.getUnderlying(), index).type;
      return with(InputType.feedForward(((InputType.InputTypeRecurrent) all).getSize()));
    } else if (layer instanceof BaseWrapperLayer wrapper && !(layer instanceof TimeDistributed)) {
      return behind(wrapper.getUnderlying(), index);
    } else if (layer instanceof EmbeddingSequenceLayer embedding) {
      return embedded(embedding, index);
    } else if (type instanceof InputType.InputTypeConvolutional3D volume) {
      return with(VolumeSizes.behind(layer, index, volume));
    }
    // A clone, since a locally connected layer stores the size that it is asked about.
    InputType made = layer.clone().getOutputType(index, type);
    if (layer instanceof SpaceToBatchLayer space) {
      return new Reach(made, times * space.getBlocks()[0] * space.getBlocks()[1]);
    } else if (layer instanceof GlobalPoolingLayer pooling
        && type instanceof InputType.InputTypeRecurrent sequence) {
      // According to DL4J it stays a sequence.
      return with(
          pooling.isCollapseDimensions()
              ? InputType.feedForward(sequence.getSize())
              : withSteps(sequence, 1));
    } else if (layer instanceof ZeroPadding1DLayer || layer instanceof Cropping1D) {
      // DL4J represents an unknown length by −1, and would add to it or subtract from it.
      return isOfUnknownLength() ? this : with(made);
    }
    // Some layers keep the length of a sequence but do not report it.
    return made instanceof InputType.InputTypeRecurrent sequence
            && sequence.getTimeSeriesLength() <= 0
        ? with(made).inStepsOf(this)
        : with(made);
  }

  private Reach with(InputType other) {
    return new Reach(other, times);
  }

  /** Returns whether these are sequences of unknown length. */
  boolean isOfUnknownLength() {
    return type instanceof InputType.InputTypeRecurrent sequence
        && sequence.getTimeSeriesLength() <= 0;
  }

  /** Counts one vector for each index that is read, whatever length the layer was built with. */
  private Reach embedded(EmbeddingSequenceLayer layer, int index) {
    InputType.InputTypeRecurrent built =
        (InputType.InputTypeRecurrent) layer.getOutputType(index, type);
    long length = built.getTimeSeriesLength();
    if (type instanceof InputType.InputTypeRecurrent && !isOfUnknownLength()) {
      length = positions(type);
    } else if (layer.isInferInputLength()
        && type instanceof InputType.InputTypeFeedForward indices
        && indices.getSize() != layer.getNIn()) { // otherwise it may be the size of the vocabulary
      length = indices.getSize();
    }
    return with(withSteps(built, length));
  }

  /** Returns the same reach with the time steps of another one, if both are sequences. */
  Reach inStepsOf(Reach other) {
    return type instanceof InputType.InputTypeRecurrent sequence
            && other != null
            && other.type instanceof InputType.InputTypeRecurrent reference
        ? with(withSteps(sequence, reference.getTimeSeriesLength()))
        : this;
  }

  static InputType withSteps(InputType.InputTypeRecurrent sequence, long steps) {
    return InputType.recurrent(sequence.getSize(), steps, sequence.getFormat());
  }

  /**
   * Returns the number of pixels, voxels or time steps in total; an unknown length counts as one.
   */
  long positions() {
    return times * positions(type);
  }

  /** Returns the product; −1 if a size is not positive, as DL4J gives it for small images. */
  private static long product(long... sizes) {
    long product = 1;
    for (long size : sizes) {
      if (size < 1) {
        return -1;
      }
      product *= size;
    }
    return product;
  }

  private static long positions(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional image) {
      return product(image.getHeight(), image.getWidth());
    } else if (type instanceof InputType.InputTypeConvolutional3D volume) {
      return product(volume.getDepth(), volume.getHeight(), volume.getWidth());
    } else if (type instanceof InputType.InputTypeRecurrent sequence) {
      return Math.max(1, sequence.getTimeSeriesLength());
    }
    return 1;
  }

  /** Returns the number of elements in one example of a type. */
  static long elements(InputType type) {
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
