package io.github.dl4jpruning.batches;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Labels mixed with the output of a teacher: (1 − a)·y + a·q, where q is the teacher's output,
 * softened by a temperature T: qᵢ = pᵢ^(1/T) / Σⱼ pⱼ^(1/T), which for p = softmax(z) is
 * softmax(z/T).
 *
 * @param teacher a trained network
 * @param weight a, in (0, 1]
 * @param temperature T, above 0
 */
record SoftLabels(Model teacher, double weight, double temperature) {

  /** The class axis in all of DL4J's formats except NHWC outputs. */
  private static final int CLASSES = 1;

  /** Returns the labels mixed with the teacher's outputs; one array per output. */
  INDArray[] mix(
      INDArray[] features,
      INDArray[] labels,
      INDArray @Nullable [] featureMasks,
      INDArray @Nullable [] labelMasks) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray[] answers = answers(features, featureMasks, labelMasks);
      INDArray[] mixed = new INDArray[labels.length];
      for (int i = 0; i < labels.length; i++) {
        INDArray own = labels[i].castTo(answers[i].dataType());
        mixed[i] = own.mul(1.0 - weight).addi(softened(answers[i]).muli(weight));
      }
      return mixed;
    }
  }

  private INDArray[] answers(
      INDArray[] features, INDArray @Nullable [] featureMasks, INDArray @Nullable [] labelMasks) {
    // A network is not thread-safe, and another thread may prefetch batches.
    synchronized (teacher) {
      if (teacher instanceof ComputationGraph graph) {
        return graph.output(false, features, featureMasks, labelMasks);
      }
      INDArray answer =
          ((MultiLayerNetwork) teacher)
              .output(features[0], false, first(featureMasks), first(labelMasks));
      return new INDArray[] {answer};
    }
  }

  private static @Nullable INDArray first(INDArray @Nullable [] masks) {
    return masks == null ? null : masks[0];
  }

  private INDArray softened(INDArray answer) {
    if (temperature == 1.0) {
      return answer.dup();
    }
    INDArray powers = Transforms.pow(answer, 1.0 / temperature, true);
    return powers.divi(powers.sum(true, CLASSES).broadcast(powers.shape()));
  }
}
