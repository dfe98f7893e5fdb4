package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * Makes a network with fewer entries in its parameters. Where slices are taken out of a tensor, the
 * entries that are left keep their order in memory; so the whole parameter vector, and every array
 * of updater state, is what is left of the old one, in the old order.
 */
public final class NetworkNarrowing {

  private final Network source;
  private final NetworkParameters parameters;

  /** The entries that stay, by flat index in the old parameter vector. */
  private final BitSet kept;

  /**
   * Prepares a narrowing.
   *
   * @param source the network
   * @param keptByParameter which entries stay, one mask for each of its parameters, by rising
   *     offset
   */
  public NetworkNarrowing(NetworkParameters source, List<Mask> keptByParameter) {
    this.source = source.network();
    this.parameters = source;
    long[] words = new long[Math.toIntExact(source.count() / Mask.WORD + 2)];
    for (int p = 0; p < keptByParameter.size(); p++) {
      put(words, source.parameters().get(p).offset(), keptByParameter.get(p));
    }
    this.kept = BitSet.valueOf(words);
  }

  private static void put(long[] words, long offset, Mask mask) {
    int shift = (int) (offset % Mask.WORD);
    int first = (int) (offset / Mask.WORD);
    for (int w = 0; w < mask.words(); w++) {
      words[first + w] |= mask.word(w) << shift;
      if (shift > 0) {
        words[first + w + 1] |= mask.word(w) >>> (Mask.WORD - shift);
      }
    }
  }

  /**
   * A copy of the network's configuration, to be changed.
   *
   * @return a {@code MultiLayerConfiguration} or a {@code ComputationGraphConfiguration}
   */
  public Object copyOfConfiguration() {
    return source.model() instanceof ComputationGraph graph
        ? ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson())
        : MultiLayerConfiguration.fromJson(
            ((MultiLayerNetwork) source.model()).getLayerWiseConfigurations().toJson());
  }

  /**
   * Makes the network. Counts, parameters and updater state are carried over; listeners are not. *
   *
   * @param configuration a copy of the network's configuration, with the new widths
   * @param added what to add to some parameters of the new network, by name: one number for each of
   *     its entries
   * @return the new network; the old one is as it was
   * @throws IllegalStateException if the widths do not lead to as many entries as are kept
   */
  public Model create(Object configuration, Map<String, double[]> added) {
    Model made = make(configuration);
    checkFits(NetworkParameters.of(made));
    Network target = Network.of(made);
    if (target.count() > 0) {
      copyKept(
          FlatValues.of(source.parameters()),
          0,
          (int) source.count(),
          FlatValues.of(target.parameters()),
          0,
          (int) target.count());
      copyUpdaterState(target);
      add(NetworkParameters.of(made), FlatValues.of(target.parameters()), added);
    }
    target.setCounts(source.iteration(), source.epoch());
    return made;
  }

  private Model make(Object configuration) {
    try {
      return NetworkMaker.initialise(
          configuration,
          kept.isEmpty()
              ? null
              : Nd4j.create(source.parameters().dataType(), 1, kept.cardinality()));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalStateException(
          "expected a network of " + kept.cardinality() + " parameters, but " + e.getMessage(), e);
    }
  }

  private void checkFits(NetworkParameters made) {
    List<PrunableParameter> before = parameters.parameters();
    List<PrunableParameter> after = made.parameters();
    boolean fits = before.size() == after.size();
    for (int p = 0; fits && p < before.size(); p++) {
      long from = before.get(p).offset();
      long expected = kept.get((int) from, (int) from + before.get(p).length()).cardinality();
      fits = before.get(p).name().equals(after.get(p).name()) && after.get(p).length() == expected;
      if (!fits) {
        throw new IllegalStateException(
            "expected "
                + expected
                + " entries to be left of "
                + before.get(p).name()
                + ", but its layer makes "
                + after.get(p).name()
                + " with "
                + after.get(p).length());
      }
    }
    if (!fits) {
      throw new IllegalStateException(
          "expected " + before.size() + " parameters, but the new network has " + after.size());
    }
  }

  /**
   * Copies what two arrays have of the kept entries.
   *
   * @param from element i belongs to the old flat index {@code old + i}
   * @param oldEnd old flat index behind its last element
   * @param to element i belongs to the new flat index {@code young + i}
   * @param youngEnd new flat index behind its last element
   */
  private void copyKept(
      FlatValues from, int old, int oldEnd, FlatValues to, int young, int youngEnd) {
    int next = keptBefore(old);
    for (int i = kept.nextSetBit(old); i >= 0 && i < oldEnd; i = kept.nextSetBit(i + 1)) {
      if (next >= young && next < youngEnd) {
        to.set(next - young, from.get(i - old));
      }
      next++;
    }
  }

  private int keptBefore(int old) {
    return kept.get(0, old).cardinality();
  }

  /**
   * By index and not block by block: DL4J's blocks may end inside a tensor, since it counts some
   * convolutions with their bias last and stores them with their bias first.
   */
  private void copyUpdaterState(Network target) {
    BaseMultiLayerUpdater<?> old = source.updaterIfAny();
    if (old == null || target.updater() == null) {
      return;
    }
    for (UpdaterBlock from : old.getUpdaterBlocks()) {
      int first = keptBefore(from.getParamOffsetStart());
      int end = keptBefore(from.getParamOffsetEnd());
      for (UpdaterBlock to : target.updater().getUpdaterBlocks()) {
        if (first < to.getParamOffsetEnd() && to.getParamOffsetStart() < end) {
          copyState(from, to);
        }
      }
    }
  }

  private void copyState(UpdaterBlock from, UpdaterBlock to) {
    GradientUpdater<?> old = from.getGradientUpdater();
    GradientUpdater<?> young = to.getGradientUpdater();
    young
        .getState()
        .forEach(
            (name, array) -> {
              if (old.getState().containsKey(name)) {
                copyKept(
                    FlatValues.of(old.getState().get(name)),
                    from.getParamOffsetStart(),
                    from.getParamOffsetEnd(),
                    FlatValues.of(array),
                    to.getParamOffsetStart(),
                    to.getParamOffsetEnd());
              }
            });
  }

  private static void add(NetworkParameters made, FlatValues values, Map<String, double[]> added) {
    for (PrunableParameter parameter : made.parameters()) {
      double[] terms = added.get(parameter.name());
      if (terms != null) {
        for (int i = 0; i < terms.length; i++) {
          long index = parameter.offset() + i;
          values.set(index, values.get(index) + terms[i]);
        }
      }
    }
  }
}
