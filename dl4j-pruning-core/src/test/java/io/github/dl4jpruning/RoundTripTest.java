package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.compact.RestoreOptions;
import io.github.dl4jpruning.iterative.IterativePruner;
import io.github.dl4jpruning.model.NetworkMaker;
import io.github.dl4jpruning.model.NetworkSnapshot;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.rounds.IterativePruningListener;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.LongForm;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import io.github.dl4jpruning.testing.RatesOfTheirOwn;
import io.github.dl4jpruning.testing.RatesOfTheirOwn.Warmup;
import io.github.dl4jpruning.tune.ScheduleSweep;
import io.github.dl4jpruning.tune.SweepResult;
import io.github.dl4jpruning.tune.SweepSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Whatever a network is saved by or copied by, training goes on to the same bits; or it is refused
 * before anything is done.
 */
class RoundTripTest {

  private static final int BEFORE = 3;
  private static final int AFTER = 2;

  @TempDir private Path folder;

  /** One network of the matrix. */
  record Case(Kind kind, String schedule, IUpdater updater, boolean graph) {
    Recipe recipe() {
      return Recipe.of(kind).with(updater);
    }

    /**
     * Whether JSON holds the configuration. DL4J's clone of AdaGrad loses its schedule while a
     * network is built, but not in every layer.
     */
    boolean comesBack(Model network) {
      ISchedule rates = RatesOfTheirOwn.schedules().get(schedule);
      return RatesOfTheirOwn.comesBack(schedule)
          || !json(network).contains(rates.getClass().getSimpleName());
    }

    /** Whether DL4J's clone holds it where JSON does not. */
    boolean canBeCloned() {
      return !(updater instanceof AdaGrad);
    }

    Model build() {
      MultiLayerNetwork network = recipe().build();
      return graph ? network.toComputationGraph() : network;
    }

    @Override
    public String toString() {
      return kind + " " + updater.getClass().getSimpleName() + " " + schedule + " graph " + graph;
    }
  }

  /** Every kind × updater × schedule in the long form; else a third of the updaters × schedules. */
  static Stream<Case> cases() {
    boolean all = LongForm.isOn();
    List<Kind> kinds = List.of(Kind.values());
    List<Case> cases = new ArrayList<>();
    int number = 0;
    for (Map.Entry<String, ISchedule> schedule : RatesOfTheirOwn.schedules().entrySet()) {
      for (IUpdater updater : RatesOfTheirOwn.updaters(schedule.getValue())) {
        number++;
        for (int k = 0; k < kinds.size(); k++) {
          if (all || (number % 3 == 0 && k == number / 3 % kinds.size())) {
            boolean graph = (number / 5 + k) % 2 == 0; // both types, in turn
            cases.add(new Case(kinds.get(k), schedule.getKey(), updater, graph));
          }
        }
      }
    }
    return cases.stream();
  }

  private static String json(Model network) {
    return network instanceof ComputationGraph graph
        ? graph.getConfiguration().toJson()
        : ((MultiLayerNetwork) network).getLayerWiseConfigurations().toJson();
  }

  private static void train(Model network, Recipe recipe, int from, int count) {
    for (int i = from; i < from + count; i++) {
      Networks.fit(network, recipe.batch(i));
    }
  }

  private static PruningListener half() {
    return PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldTrainOnToTheSameBitsOrRefuse(Case tried) throws IOException {
    Model network = tried.build();
    PruningListener pruning = half();
    pruning.attachTo(network);
    train(network, tried.recipe(), 0, BEFORE);
    List<Model> others = new ArrayList<>();
    if (tried.comesBack(network)) {
      others.add(throughCheckpoint(network, pruning));
      others.add(throughCompactFile(network));
      others.add(throughModelZip(network));
    } else {
      refused(network, pruning);
    }
    if (tried.comesBack(network) || tried.canBeCloned()) {
      others.add(copied(network));
    } else {
      assertThatThrownBy(() -> copied(network)).hasMessageContaining("its copy differs");
    }

    for (Model other : others) {
      if (PruningOf.none(other)) {
        PruningListener held = half();
        held.attachTo(other);
        held.holdMasks(pruning.masks(), 0.5);
      }
      train(other, tried.recipe(), BEFORE, AFTER);
    }
    train(network, tried.recipe(), BEFORE, AFTER);

    for (Model other : others) {
      assertThat(bits(other)).isEqualTo(bits(network));
    }
  }

  /** A rate that was lost makes every weight NaN, and a processor may give NaN either sign. */
  private static long[] bits(Model network) {
    return LongStream.of(Invariants.bits(network))
        .map(raw -> Double.doubleToLongBits(Double.longBitsToDouble(raw)))
        .toArray();
  }

  /** Nothing is dead in a network that was not pruned, so that the copy has the same parameters. */
  @ParameterizedTest
  @MethodSource("cases")
  void shouldTrainOnToTheSameBitsWhenItIsShrunk(Case tried) {
    Model network = tried.build();
    train(network, tried.recipe(), 0, BEFORE);
    if (!tried.comesBack(network) && !tried.canBeCloned()) {
      assertThatThrownBy(() -> NetworkShrinker.shrink(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("its copy differs");
      return;
    }
    Model shrunk = NetworkShrinker.shrink(network);
    assertThat(bits(shrunk)).isEqualTo(bits(network));

    train(network, tried.recipe(), BEFORE, AFTER);
    train(shrunk, tried.recipe(), BEFORE, AFTER);

    assertThat(bits(shrunk)).isEqualTo(bits(network));
  }

  /** Whether a network has a pruning listener. */
  private static final class PruningOf {
    static boolean none(Model network) {
      var listeners =
          network instanceof ComputationGraph graph
              ? graph.getListeners()
              : ((MultiLayerNetwork) network).getListeners();
      return listeners.stream().noneMatch(PruningListener.class::isInstance);
    }
  }

  private Model throughCheckpoint(Model network, PruningListener pruning) throws IOException {
    Path file = folder.resolve("checkpoint.zip");
    PruningCheckpoint.save(network, pruning, file);
    return PruningCheckpoint.load(file).network();
  }

  private Model throughCompactFile(Model network) throws IOException {
    Path file = folder.resolve("model.compact");
    CompactModelSerializer.write(
        network, file, CompactOptions.builder().updaterState(true).build());
    return CompactModelSerializer.restore(file, RestoreOptions.defaults().allowing(Warmup.class))
        .network();
  }

  private Model throughModelZip(Model network) throws IOException {
    Path file = folder.resolve("model.zip");
    io.github.dl4jpruning.io.AtomicFile.write(
        file,
        out ->
            NetworkStore.writeModel(
                network, io.github.dl4jpruning.model.SavedConfiguration.of(network, 0, 0), out));
    return network instanceof ComputationGraph
        ? ComputationGraph.load(file.toFile(), true)
        : MultiLayerNetwork.load(file.toFile(), true);
  }

  private static Model copied(Model network) {
    Model copy = NetworkMaker.copyOf(network);
    NetworkSnapshot.of(network).restoreTo(copy);
    return copy;
  }

  private void refused(Model network, PruningListener pruning) throws IOException {
    long[] before = Invariants.bits(network);
    assertThatThrownBy(() -> throughCheckpoint(network, pruning))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be saved")
        .hasMessageContaining("earningRateSchedule");
    assertThatThrownBy(() -> throughCompactFile(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be saved");
    assertThat(Invariants.bits(network)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  private static ListDataSetIterator<DataSet> data(long seed) {
    Recipe recipe = Recipe.of(Kind.DENSE);
    List<DataSet> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.addAll(recipe.batch(seed + i).asList());
    }
    return new ListDataSetIterator<>(all, 5);
  }

  private static IterativePruner.Builder rounds() {
    return IterativePruner.builder()
        .targets(0.5, 0.7)
        .denseEpochs(1)
        .fineTuneEpochs(2)
        .scoreCalculator(new DataSetLossCalculator(data(50), true));
  }

  static Stream<String> schedules() {
    return RatesOfTheirOwn.schedules().keySet().stream();
  }

  private static Model dense(String schedule) {
    ISchedule rates = RatesOfTheirOwn.schedules().get(schedule);
    return Recipe.of(Kind.DENSE).with(RatesOfTheirOwn.updaters(rates).get(2)).build();
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void shouldGoOnInRoundsOrRefuseBeforeTheFirstEpoch(String schedule) throws IOException {
    Model undisturbed = dense(schedule);
    rounds().build().prune(undisturbed, data(0)); // no directory, so nothing is saved
    Model network = dense(schedule);
    long[] before = Invariants.bits(network);
    if (RatesOfTheirOwn.comesBack(schedule)) {
      int[] epochs = new int[1];
      IterativePruner killed =
          rounds()
              .directory(folder)
              .addListener(
                  new IterativePruningListener() {
                    @Override
                    public void onEpoch(EpochDone e) {
                      if (++epochs[0] == 3) {
                        throw new UnsupportedOperationException("killed");
                      }
                    }
                  })
              .build();
      assertThatThrownBy(() -> killed.prune(network, data(0))).hasMessage("killed");
      Model resumed = dense(schedule);
      rounds().directory(folder).build().prune(resumed, data(0));
      assertThat(Invariants.bits(resumed)).isEqualTo(Invariants.bits(undisturbed));
    } else {
      assertThatThrownBy(() -> rounds().directory(folder).build().prune(network, data(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be saved");
      assertThat(Invariants.bits(network)).isEqualTo(before);
      assertThat(((MultiLayerNetwork) network).getIterationCount()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void shouldSweepFromTheStateThatThereIs(String schedule) throws IOException {
    SweepSpace space =
        new SweepSpace(
            List.of(0.5),
            List.of(Shape.POLYNOMIAL),
            List.of(4),
            List.of(7),
            List.of(1),
            List.of(SparsityDistribution.global()),
            List.of(Double.NaN));
    SweepResult result =
        ScheduleSweep.builder()
            .settings(space.grid())
            .denseEpochs(1)
            .epochs(2)
            .scoreCalculator(() -> new DataSetLossCalculator(data(50), true))
            .build()
            .run(dense(schedule), () -> data(0));

    MultiLayerNetwork alone = (MultiLayerNetwork) dense(schedule);
    PruningListener.of(space.grid().get(0).pruning()).attachTo(alone);
    alone.fit(data(0), 3);
    assertThat(result.runs().get(0).score())
        .isEqualTo(new DataSetLossCalculator(data(50), true).calculateScore(alone));
  }

  /** DL4J copies the state as it lies when it makes one block of several. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldKeepStateByParameterWhenOneRateReplacesSeveral(boolean graph) {
    MultiLayerNetwork layers =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.TANH)
                .list()
                .layer(new DenseLayer.Builder().nIn(7).nOut(5).updater(new Adam(0.01)).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .updater(new Adam(0.02))
                        .nIn(5)
                        .nOut(3)
                        .build())
                .build());
    layers.init();
    Model network = graph ? layers.toComputationGraph() : layers;
    train(network, Recipe.of(Kind.DENSE), 0, BEFORE);
    Model expected = NetworkMaker.copyOf(network);
    NetworkStore.setLearningRate(expected, 0.03); // before it has any state
    NetworkSnapshot.of(network).restoreTo(expected);

    NetworkStore.setLearningRate(network, 0.03);

    train(network, Recipe.of(Kind.DENSE), BEFORE, AFTER);
    train(expected, Recipe.of(Kind.DENSE), BEFORE, AFTER);
    assertThat(Invariants.bits(network)).isEqualTo(Invariants.bits(expected));
    assertThat(network.params().sumNumber().doubleValue()).isFinite();
  }

  @Test
  void shouldNotShareAnUpdaterWithACopy() {
    Model network = dense("ramp"); // which goes by clone, since JSON cannot hold it
    Model copy = NetworkMaker.copyOf(network);
    NetworkStore.setLearningRate(copy, 0.5);
    train(network, Recipe.of(Kind.DENSE), 0, BEFORE);
    Model alone = dense("ramp");
    train(alone, Recipe.of(Kind.DENSE), 0, BEFORE);
    assertThat(Invariants.bits(network)).isEqualTo(Invariants.bits(alone));
  }
}
