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
    if (!sequence && preProcessor instanceof RnnToFeedForwardPreProcessor) {
      return this; // DL4J puts one behind a pooled sequence, where it does nothing
    }
    InputType made = preProcessor.getOutputType(type);
    long numbers = times * elements(type);
    if (made instanceof InputType.InputTypeRecurrent steps
        && steps.getTimeSeriesLength() <= 0
        && numbers % steps.getSize() == 0) {
      // A single step may stand for a length that is not known, which stays so.
      long length = numbers / steps.getSize();
      return new Reach(length > 1 ? withSteps(steps, length) : steps, 1);
    }
    long each = elements(made);
    return new Reach(made, each > 0 && numbers % each == 0 ? numbers / each : times);
  }

  /** What a layer makes of it, wrappers included. */
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
    // A clone, since a locally connected layer takes the size that it is asked about for its own.
    InputType made = layer.clone().getOutputType(index, type);
    if (layer instanceof SpaceToBatchLayer space) {
      return new Reach(made, times * space.getBlocks()[0] * space.getBlocks()[1]);
    } else if (layer instanceof GlobalPoolingLayer pooling
        && type instanceof InputType.InputTypeRecurrent sequence) {
      // DL4J says that it stays a sequence.
      return with(
          pooling.isCollapseDimensions()
              ? InputType.feedForward(sequence.getSize())
              : withSteps(sequence, 1));
    } else if (layer instanceof ZeroPadding1DLayer || layer instanceof Cropping1D) {
      // DL4J adds to, and takes from, the −1 of a length that it does not know.
      return isOfUnknownLength() ? this : with(made);
    }
    // Some layers forget the length of a sequence that they keep.
    return made instanceof InputType.InputTypeRecurrent sequence
            && sequence.getTimeSeriesLength() <= 0
        ? with(made).inStepsOf(this)
        : with(made);
  }

  private Reach with(InputType other) {
    return new Reach(other, times);
  }

  /** Whether these are sequences of a length that nobody told. */
  boolean isOfUnknownLength() {
    return type instanceof InputType.InputTypeRecurrent sequence
        && sequence.getTimeSeriesLength() <= 0;
  }

  /** One vector for each index that is read, whatever length the layer was built with. */
  private Reach embedded(EmbeddingSequenceLayer layer, int index) {
    InputType.InputTypeRecurrent built =
        (InputType.InputTypeRecurrent) layer.getOutputType(index, type);
    long length = built.getTimeSeriesLength();
    if (type instanceof InputType.InputTypeRecurrent && !isOfUnknownLength()) {
      length = positions(type);
    } else if (layer.isInferInputLength()
        && type instanceof InputType.InputTypeFeedForward indices
        && indices.getSize() != layer.getNIn()) { // else it may well be the size of the vocabulary
      length = indices.getSize();
    }
    return with(withSteps(built, length));
  }

  /** The same with as many time steps as another sequence has, if it is one. */
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

  /** The numbers in one of a type. */
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
