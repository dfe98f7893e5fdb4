package io.github.dl4jpruning.export;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/** Translates preprocessors into steps: most of them only rearrange the same numbers. */
final class PreprocessorTranslator {

  private final PlanBuilder plan;

  PreprocessorTranslator(PlanBuilder plan) {
    this.plan = plan;
  }

  Flowing read(Optional<InputPreProcessor> preProcessor, Flowing in) {
    return preProcessor.map(present -> read(present, in)).orElse(in);
  }

  Flowing read(InputPreProcessor preProcessor, Flowing in) {
    Class<?> type = preProcessor.getClass();
    if (type == ComposableInputPreProcessor.class) {
      Flowing out = in;
      for (InputPreProcessor inner :
          ((ComposableInputPreProcessor) preProcessor).getInputPreProcessors()) {
        out = read(inner, out);
      }
      return out;
    } else if (type == RnnToFeedForwardPreProcessor.class) {
      return in.withFolded(true);
    } else if (type == FeedForwardToRnnPreProcessor.class) {
      FeedForwardToRnnPreProcessor rnn = (FeedForwardToRnnPreProcessor) preProcessor;
      return in.asVectors(true)
          .withFolded(false)
          .withChannelsLast(rnn.getRnnDataFormat() == RNNFormat.NWC);
    } else if (type == CnnToFeedForwardPreProcessor.class) {
      boolean last = ((CnnToFeedForwardPreProcessor) preProcessor).getFormat() == CNN2DFormat.NHWC;
      return flattened(last, in);
    } else if (type == Cnn3DToFeedForwardPreProcessor.class) {
      return flattened(!((Cnn3DToFeedForwardPreProcessor) preProcessor).isNCDHW(), in);
    } else if (type == CnnToRnnPreProcessor.class) {
      CnnToRnnPreProcessor rnn = (CnnToRnnPreProcessor) preProcessor;
      return flattened(false, in)
          .asVectors(true)
          .withFolded(false)
          .withChannelsLast(rnn.getRnnDataFormat() == RNNFormat.NWC);
    }
    return toPlanes(preProcessor, in);
  }

  private Flowing flattened(boolean last, Flowing in) {
    return in.planes()
        ? plan.add(new Operation.Flatten(last), in).asVectors(in.steps()).withChannelsLast(false)
        : in;
  }

  private Flowing toPlanes(InputPreProcessor preProcessor, Flowing in) {
    if (in.planes()) {
      return in;
    }
    if (preProcessor instanceof FeedForwardToCnnPreProcessor to) {
      return planes(false, in, to.getNumChannels(), 1, to.getInputHeight(), to.getInputWidth());
    } else if (preProcessor instanceof FeedForwardToCnn3DPreProcessor to) {
      return planes(
          !to.isNCDHW(),
          in,
          to.getNumChannels(),
          to.getInputDepth(),
          to.getInputHeight(),
          to.getInputWidth());
    } else if (preProcessor instanceof RnnToCnnPreProcessor to) {
      return planes(false, in, to.getNumChannels(), 1, to.getInputHeight(), to.getInputWidth())
          .withFolded(true);
    }
    throw plan.unsupported("a preprocessor " + preProcessor.getClass().getSimpleName());
  }

  private Flowing planes(boolean last, Flowing in, long... sizes) {
    List<Integer> whole = java.util.Arrays.stream(sizes).mapToObj(Math::toIntExact).toList();
    return plan.add(new Operation.Unflatten(whole, last), in).asPlanes(last);
  }
}
