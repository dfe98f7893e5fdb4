package io.github.dl4jpruning.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.MaskWriter;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkTopology;
import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.select.PrunableParameter.Role;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** Random networks, random channels: what is shrunk gives what the masked network gave. */
class ShrinkingKeepsOutputsTest {

  /** All of them in the full matrix, a quarter otherwise, as in EveryIterationTest. */
  private static final int NETWORKS = LongForm.choose(65, 520);

  private static final List<IUpdater> UPDATERS =
      List.of(
          new Sgd(0.05),
          new Adam(0.01),
          new Nesterovs(0.02, 0.9),
          new RmsProp(0.01),
          new AdaGrad(0.02),
          new AdaDelta(),
          new AdaMax(0.01),
          new Nadam(0.01),
          new AMSGrad(0.01));

  /** Masks a network as a listener does: after each step, and gradients before it. */
  private static final class Holding extends BaseTrainingListener {
    private final MaskWriter writer;

    Holding(MaskWriter writer) {
      this.writer = writer;
    }

    @Override
    public void onGradientCalculation(Model model) {
      writer.maskGradient();
    }

    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
      writer.maskAfterStep();
    }
  }

  @Test
  void randomNetworks() {
    Map<RandomNetworks.Family, Integer> families = new EnumMap<>(RandomNetworks.Family.class);
    int done = 0;
    int refused = 0;
    int unsteady = 0;
    int gone = 0;
    for (long seed = 0; done < NETWORKS; seed++) {
      DataType type = seed % 2 == 0 ? DataType.DOUBLE : DataType.FLOAT;
      IUpdater updater = UPDATERS.get((int) (seed % UPDATERS.size()));
      RandomNetworks networks = new RandomNetworks(seed, updater, type);
      Model network;
      DataSet data;
      try {
        network = networks.network();
        data = networks.data(network);
        fit(network, data);
      } catch (RuntimeException e) {
        refused++; // DL4J cannot build or train it
        continue;
      }
      if (!repeats(network, data)) {
        unsteady++; // DL4J itself gives something else each time: batch norm with channels last
        continue;
      }
      String what =
          String.format(
              Locale.ROOT,
              "seed %d, %s, %s, %s\n%s",
              seed,
              networks.family(),
              type,
              updater,
              summary(network));
      gone +=
          seed % 3 == 2 ? holes(network, data, seed, what) : channels(network, data, seed, what);
      families.merge(networks.family(), 1, Integer::sum);
      done++;
    }

    assertThat(gone).isGreaterThan(NETWORKS);
    assertThat(refused).isLessThan(NETWORKS / 2);
    assertThat(unsteady).isLessThan(NETWORKS / 20);
    assertThat(families.values())
        .hasSize(RandomNetworks.Family.values().length)
        .allMatch(n -> n > NETWORKS / 25);
  }

  private static void fit(Model network, DataSet data) {
    if (network instanceof ComputationGraph graph) {
      graph.fit(data);
    } else {
      ((MultiLayerNetwork) network).fit(data);
    }
  }

  private static String summary(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.summary()
        : ((MultiLayerNetwork) network).summary();
  }

  /** Groups of channels are masked while training, removed, and both are trained on. */
  private static int channels(Model network, DataSet data, long seed, String what) {
    NetworkParameters parameters = NetworkParameters.of(network);
    Coupling coupling =
        new Coupling(FlowReader.read(NetworkTopology.of(network), parameters).flow());
    BitSet removed = randomGroups(coupling, new Random(seed));
    Map<String, Mask> masks = new HashMap<>();
    for (Flow.Tensor tensor : coupling.flow().tensors()) {
      masks.merge(tensor.parameter().name(), coupling.kept(tensor, removed), Mask::and);
    }
    List<PrunableParameter> selected = new ArrayList<>();
    for (PrunableParameter parameter : parameters.parameters()) {
      boolean masked = masks.containsKey(parameter.name());
      if (masked && parameter.role() != Role.OTHER && parameter.role() != Role.UNKNOWN) {
        selected.add(parameter);
      }
    }
    if (selected.isEmpty()) {
      return 0;
    }
    NetworkSnapshot dense = NetworkSnapshot.of(network);
    MaskWriter writer = new MaskWriter(parameters, selected);
    writer.replaceMasks(selected.stream().map(p -> masks.get(p.name())).toList());
    network.addListeners(new Holding(writer));
    fit(network, data);
    fit(network, data);
    if (!isFinite(network, data)) {
      network.setListeners();
      dense.restoreTo(network);
      fit(network, data);
      fit(network, data);
      assertThat(isFinite(network, data)).as("diverges without masks too: " + what).isFalse();
      return 0;
    }

    Model smaller = NetworkShrinker.shrink(network);
    assertSame(network, smaller, data, what);
    int expected = 0;
    for (int node : coupling.producers()) {
      expected += coupling.groups(node).length - coupling.width(node, removed);
    }
    ShrinkReport report = NetworkShrinker.builder().build().apply(network).report();
    assertThat(report.removed()).as(what + "\n" + report).isGreaterThanOrEqualTo(expected);

    NetworkSnapshot start = NetworkSnapshot.of(network);
    train(network, data);
    train(smaller, data);
    if (report.removed() == expected) {
      assertKeptAlike(network, start, smaller, data, masks, what);
    }
    return report.removed();
  }

  /** Each layer keeps a channel, as shrinking asks for. */
  private static BitSet randomGroups(Coupling coupling, Random random) {
    BitSet free = new BitSet();
    for (int node : coupling.producers()) {
      for (int group : coupling.groups(node)) {
        free.set(group);
      }
    }
    free.andNot(coupling.pinned());
    double part = random.nextDouble();
    BitSet removed = new BitSet();
    for (int g = free.nextSetBit(0); g >= 0; g = free.nextSetBit(g + 1)) {
      if (random.nextDouble() < part) {
        removed.set(g);
        for (int node = 0; node < coupling.flow().nodes().size(); node++) {
          if (coupling.groups(node).length > 0
              && coupling.width(node, removed) < coupling.least(node)) {
            removed.clear(g);
          }
        }
      }
    }
    return removed;
  }

  /** Most weights and some biases are zero, so that units die in every way. */
  private static int holes(Model network, DataSet data, long seed, String what) {
    Random random = new Random(seed);
    double part = 0.6 + 0.4 * random.nextDouble();
    INDArray params = network.params();
    for (PrunableParameter parameter : NetworkParameters.of(network).parameters()) {
      if (parameter.role() != Role.OTHER && parameter.role() != Role.UNKNOWN) {
        double own = parameter.role() == Role.WEIGHT ? part : 0.3;
        for (int i = 0; i < parameter.length(); i++) {
          if (random.nextDouble() < own) {
            params.putScalar(parameter.offset() + i, 0.0);
          }
        }
      }
    }
    NetworkShrinker.Shrunk<Model> shrunk = NetworkShrinker.builder().build().apply(network);
    assertSame(network, shrunk.network(), data, what + "\n" + shrunk.report());
    fit(shrunk.network(), data);
    return shrunk.report().removed();
  }

  private static boolean repeats(Model network, DataSet data) {
    INDArray once = RandomNetworks.output(network, data.getFeatures()).dup();
    return once.equalsWithEps(RandomNetworks.output(network, data.getFeatures()), 0.0);
  }

  private static boolean isFinite(Model network, DataSet data) {
    INDArray output = RandomNetworks.output(network, data.getFeatures());
    return Double.isFinite(output.sumNumber().doubleValue());
  }

  private static void assertSame(Model network, Model smaller, DataSet data, String what) {
    INDArray expected = RandomNetworks.output(network, data.getFeatures());
    INDArray actual = RandomNetworks.output(smaller, data.getFeatures());
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    assertThat(actual.sumNumber().doubleValue()).as(what).isFinite();
    double most = expected.sub(actual).amaxNumber().doubleValue();
    assertThat(most)
        .as(what + "\n" + network.getClass())
        .isLessThan(expected.dataType() == DataType.DOUBLE ? 1e-12 : 1e-5);
    assertThat(smaller.numParams()).isLessThanOrEqualTo(network.numParams());
  }

  /**
   * What was kept has the same values. Where it has not, rounding must be the reason: then the
   * masked network goes other ways as well if its own weights are changed in the last digits.
   * (Updaters that divide by the size of a gradient make steps of chance where there is none but
   * that of rounding, as for a bias before a batch normalisation.)
   */
  private static void assertKeptAlike(
      Model network,
      NetworkSnapshot start,
      Model smaller,
      DataSet data,
      Map<String, Mask> masks,
      String what) {
    NetworkParameters before = NetworkParameters.of(network);
    NetworkParameters after = NetworkParameters.of(smaller);
    boolean doubles = network.params().dataType() == DataType.DOUBLE;
    double tolerance = doubles ? 1e-9 : 1e-3;
    double most = 0.0;
    String worst = "";
    for (int p = 0; p < before.parameters().size(); p++) {
      PrunableParameter parameter = before.parameters().get(p);
      double[] old = before.values(parameter);
      double[] now = after.values(after.parameters().get(p));
      Mask mask = masks.getOrDefault(parameter.name(), Mask.dense(old.length));
      int next = 0;
      for (int i = 0; i < old.length; i++) {
        if (mask.isKept(i)) {
          double difference = Math.abs(now[next++] - old[i]);
          if (!(difference <= most)) {
            most = difference;
            worst = parameter.name() + "[" + i + "]";
          }
        }
      }
      assertThat(next).isEqualTo(now.length);
    }
    if (!(most <= tolerance)) {
      INDArray trained = network.params().dup();
      start.restoreTo(network);
      network.params().muli(1.0 + (doubles ? 1e-14 : 1e-6));
      train(network, data);
      double chance = trained.sub(network.params()).amaxNumber().doubleValue();
      assertThat(most).as(what + worst).isLessThan(1000.0 * chance);
    }
  }

  private static void train(Model network, DataSet data) {
    for (int i = 0; i < 10; i++) {
      fit(network, data);
    }
  }
}
