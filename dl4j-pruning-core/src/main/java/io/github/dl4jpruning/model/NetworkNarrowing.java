package io.github.dl4jpruning.model;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Creates a network with fewer entries in its parameters. If slices are cut out of a tensor, the
 * remaining entries keep their order in memory. So the new parameter vector, and every array of
 * updater state, has the kept entries of the old one in the old order.
 */
public final class NetworkNarrowing {

  private final Network source;
  private final NetworkParameters parameters;

  /** The kept entries, by flat index in the old parameter vector. */
  private final KeptEntries kept;

  /**
   * Prepares a narrowing.
   *
   * @param source the network
   * @param keptByParameter the kept entries, one mask for each parameter of the network, in the
   *     order of their offsets
   */
  public NetworkNarrowing(NetworkParameters source, List<Mask> keptByParameter) {
    this.source = source.network();
    this.parameters = source;
    long[] words = new long[Math.toIntExact(source.count() / Mask.WORD + 2)];
    for (int p = 0; p < keptByParameter.size(); p++) {
      put(words, source.parameters().get(p).offset(), keptByParameter.get(p));
    }
    this.kept = new KeptEntries(BitSet.valueOf(words));
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
   * Returns a copy of the network's configuration, which the caller may change.
   *
   * @return a {@code MultiLayerConfiguration} or a {@code ComputationGraphConfiguration}
   */
  public Object copyOfConfiguration() {
    return ConfigurationCopy.of(source.model());
  }

  /**
   * Creates the network. Counts, parameters and updater state are carried over; listeners are not.
   *
   * @param configuration a copy of the network's configuration, with the new widths
   * @param added terms to add to some parameters of the new network, by parameter name: one number
   *     for each entry
   * @return the new network; the old one is not changed
   * @throws IllegalStateException if the number of entries that the widths require differs from the
   *     number of kept entries
   */
  public Model create(Object configuration, Map<String, double[]> added) {
    Model made = make(configuration);
    checkFits(NetworkParameters.of(made));
    Network target = Network.of(made);
    if (target.count() > 0) {
      kept.copy(
          FlatValues.of(source.parameters()),
          0,
          0,
          (int) source.count(),
          FlatValues.toWrite(target.parameters()),
          0,
          0,
          (int) target.count());
      copyUpdaterState(target);
      add(NetworkParameters.of(made), FlatValues.toWrite(target.parameters()), added);
    }
    target.setCounts(source.iteration(), source.epoch());
    return made;
  }

  private Model make(Object configuration) {
    try {
      return NetworkMaker.initialise(
          configuration,
          kept.count() == 0 ? null : Nd4j.create(source.parameters().dataType(), 1, kept.count()));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IllegalStateException(
          "expected a network of " + kept.count() + " parameters, but " + e.getMessage(), e);
    }
  }

  private void checkFits(NetworkParameters made) {
    List<PrunableParameter> before = parameters.parameters();
    List<PrunableParameter> after = made.parameters();
    boolean fits = before.size() == after.size();
    for (int p = 0; fits && p < before.size(); p++) {
      long from = before.get(p).offset();
      long expected = kept.count((int) from, (int) from + before.get(p).length());
      fits = before.get(p).name().equals(after.get(p).name()) && after.get(p).length() == expected;
      if (!fits) {
        throw new IllegalStateException(
            "expected "
                + expected
                + " elements of "
                + before.get(p).name()
                + " to remain, but its layer makes "
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

  private void copyUpdaterState(Network target) {
    BaseMultiLayerUpdater<?> old = source.updaterIfAny();
    if (old == null) {
      return; // nothing to copy; DL4J creates the target's updater lazily
    }
    INDArray state = source.updaterState();
    INDArray narrowState = target.updaterState();
    if (state != null && narrowState != null) {
      UpdaterLayout narrow = UpdaterLayout.of(target.updater());
      UpdaterLayout.of(old)
          .copy(FlatValues.of(state), kept, narrow, FlatValues.toWrite(narrowState));
    }
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
