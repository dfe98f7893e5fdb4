package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.ParameterFilter;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.UnitNormConstraint;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** What DL4J and other code may do to a network around the listener. */
class SeamTest {

  private static PruningListener constant(double sparsity) {
    return PruningListener.builder().schedule(SparsitySchedules.constant(sparsity)).build();
  }

  private static void checkPruned(MultiLayerNetwork network, BitSet removed) {
    BitSet missing = (BitSet) removed.clone();
    missing.andNot(Invariants.zeroWeights(network));
    assertThat(missing.cardinality()).isZero();
    Invariants.checkUpdaterState(network, removed);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldChangeNoBitWithMasksThatRemoveNothing(Kind kind) {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork plain = recipe.build();
    MultiLayerNetwork masked = recipe.build();
    constant(1e-9).attachTo(masked); // rounds to no weight, but it is an update

    for (int t = 0; t < 6; t++) {
      plain.fit(recipe.batch(t));
      masked.fit(recipe.batch(t));
      assertThat(Invariants.bits(masked)).isEqualTo(Invariants.bits(plain));
    }
  }

  @Test
  void shouldFollowTheScheduleAtEveryUpdate() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    long weights = Invariants.weightCount(network);
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.linear(0.0, 0.8, 2, 10))
            .updateEvery(3)
            .build();
    pruning.attachTo(network);
    double[] expected = {0, 0, 0, .1, .1, .1, .4, .4, .4, .7, .8, .8, .8};

    for (int t = 0; t < expected.length; t++) {
      network.fit(recipe.batch(t));
      assertThat(Invariants.zeroWeights(network).cardinality())
          .as("zeros at iteration %d", t)
          .isEqualTo((int) Math.floor(expected[t] * weights + 0.5));
    }
  }

  @Test
  void shouldFollowAStepScheduleOfNd4j() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(new StepSchedule(ScheduleType.ITERATION, 0.1, 2.0, 3))
            .build();
    pruning.attachTo(network);
    double[] expected = {.1, .1, .1, .2, .2, .2, .4, .4, .4, .8};

    for (int t = 0; t < expected.length; t++) {
      network.fit(recipe.batch(t));
      assertThat(pruning.sparsity())
          .isCloseTo(expected[t], org.assertj.core.data.Offset.offset(0.01));
    }
  }

  @Test
  void shouldMaskAfterEveryStepWhateverOtherCodeWrote() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Nesterovs(0.05, 0.9));
    MultiLayerNetwork network = recipe.build();
    constant(0.6).attachTo(network);
    network.fit(recipe.batch(0));
    BitSet removed = Invariants.zeroWeights(network);

    for (int t = 1; t < 5; t++) {
      network.params().addi(0.25);
      network.fit(recipe.batch(t));
      checkPruned(network, removed);
    }
  }

  @Test
  void shouldHoldWhileDl4jReplacesWhatItUses() {
    Recipe recipe = Recipe.of(Kind.CONVOLUTION).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    constant(0.6).attachTo(network);
    network.fit(recipe.batch(0));
    BitSet removed = Invariants.zeroWeights(network);

    network.setLearningRate(0.02);
    network.fit(recipe.batch(1));
    checkPruned(network, removed);
    network.setParams(network.params().dup());
    network.fit(recipe.batch(2));
    checkPruned(network, removed);
    network.getUpdater().setStateViewArray(network, network.updaterState().dup(), false);
    network.fit(recipe.batch(3));
    checkPruned(network, removed);
  }

  @Test
  void shouldPruneANetworkWithAParameterVectorOfTwoAxes() {
    MultiLayerNetwork donor = Recipe.of(Kind.DENSE).build();
    MultiLayerNetwork network = new MultiLayerNetwork(donor.getLayerWiseConfigurations().clone());
    network.init(donor.params().dup().reshape(1, donor.numParams()), false);
    constant(0.6).attachTo(network);

    for (int t = 0; t < 4; t++) {
      network.fit(Recipe.of(Kind.DENSE).batch(t));
      assertThat(SparsityReport.of(network).sparsity()).isBetween(0.59, 0.61);
    }
  }

  @Test
  void shouldPutMasksInForceAgainWhenAttachedAgain() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Nesterovs(0.05, 0.9));
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = constant(0.6);
    pruning.attachTo(network);
    network.fit(recipe.batch(0));
    BitSet removed = Invariants.zeroWeights(network);
    network.setListeners();
    network.fit(recipe.batch(1));
    assertThat(Invariants.zeroWeights(network).cardinality()).isZero();

    pruning.attachTo(network);

    checkPruned(network, removed);
    network.fit(recipe.batch(2));
    checkPruned(network, removed);
  }

  @Test
  void shouldRefuseASecondListenerAtEveryFit() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork both = recipe.build();
    both.setListeners(constant(0.5), constant(0.5));
    MultiLayerNetwork added = recipe.build();
    constant(0.5).attachTo(added);
    added.addListeners(constant(0.5));

    for (MultiLayerNetwork network : new MultiLayerNetwork[] {both, added}) {
      for (int fit = 0; fit < 3; fit++) {
        assertThatThrownBy(() -> network.fit(recipe.batch(0)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has more");
      }
    }
    assertThat(SparsityReport.of(both).sparsity()).isZero();
  }

  @Test
  void shouldNameTheParameterWhoseGradientIsNotFinite() {
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning = constant(0.5);
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            ((MultiLayerNetwork) model)
                .getGradientsViewArray()
                .putScalar(network.numParams() - 5, Double.NaN);
          }
        });
    network.addListeners(pruning);
    double[] before = network.params().toDoubleVector();

    assertThatThrownBy(() -> network.fit(recipe.batch(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("gradient of output.W")
        .hasMessageContaining("NaN");
    assertThat(network.params().toDoubleVector()).isEqualTo(before);
    assertThat(pruning.sparsity()).isZero();
  }

  @Test
  void shouldRefuseAConstraintThatDividesByZero() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new DenseLayer.Builder()
                        .nIn(6)
                        .nOut(4)
                        .name("unit")
                        .constrainWeights(new UnitNormConstraint(1))
                        .build())
                .layer(new OutputLayer.Builder().nIn(4).nOut(2).build())
                .build());
    network.init();

    assertThatThrownBy(() -> constant(0.5).attachTo(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer unit")
        .hasMessageContaining("UnitNorm");
    assertThat(network.getListeners()).isEmpty();
  }

  @Test
  void shouldRefuseANetworkWithoutParameters() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new ActivationLayer(Activation.RELU))
                .layer(new LossLayer.Builder(LossFunction.MSE).build())
                .build());
    network.init();

    assertThatThrownBy(() -> constant(0.5).attachTo(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("selects no parameter");
    assertThat(SparsityReport.of(network).weights()).isZero();
  }

  @Test
  void shouldPruneHalfPrecision() {
    Recipe recipe = Recipe.of(Kind.DENSE).with(new Sgd(0.01)).with(DataType.FLOAT16);
    MultiLayerNetwork network = recipe.build();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(
                new MapSchedule(ScheduleType.ITERATION, new TreeMap<>(Map.of(0, 0.3, 2, 0.6))))
            .build();
    pruning.attachTo(network);
    network.fit(recipe.batch(0));
    BitSet removed = Invariants.zeroWeights(network);
    assertThat(pruning.sparsity()).isBetween(0.29, 0.31);

    for (int t = 1; t < 5; t++) {
      network.fit(recipe.batch(t));
      checkPruned(network, removed);
    }
    assertThat(pruning.sparsity()).isBetween(0.59, 0.61);
    assertThat(Invariants.zeroWeights(network).cardinality())
        .isGreaterThanOrEqualTo((int) (0.59 * Invariants.weightCount(network)));
  }

  @Test
  void shouldKeepADenormalBiasBetweenMaskedTensors() {
    INDArray values = Nd4j.create(new float[] {1e-40f, -0.0f, 3f, Float.MIN_VALUE});
    INDArray ones = Nd4j.ones(4);

    values.muli(ones);

    assertThat(Float.floatToRawIntBits(values.getFloat(0)))
        .isEqualTo(Float.floatToRawIntBits(1e-40f));
    assertThat(Float.floatToRawIntBits(values.getFloat(1)))
        .isEqualTo(Float.floatToRawIntBits(-0.0f));
    assertThat(values.getFloat(3)).isEqualTo(Float.MIN_VALUE);
  }

  @Test
  void shouldRefuseSuchAConstraintInsideWrappersToo() {
    NeuralNetConfiguration.Builder base =
        new NeuralNetConfiguration.Builder()
            .constrainWeights(new org.deeplearning4j.nn.conf.constraint.UnitNormConstraint(1));
    MultiLayerNetwork both =
        new MultiLayerNetwork(
            base.list()
                .layer(new Bidirectional(new LSTM.Builder().nIn(3).nOut(4).build()))
                .layer(new RnnOutputLayer.Builder().nIn(8).nOut(2).build())
                .build());
    both.init();
    ComputationGraph last =
        new ComputationGraph(
            base.graphBuilder()
                .addInputs("in")
                .addLayer("last", new LastTimeStep(new LSTM.Builder().nIn(3).nOut(4).build()), "in")
                .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(2).build(), "last")
                .setOutputs("out")
                .build());
    last.init();
    for (Model network : List.of(both, last)) {
      PruningListener pruning =
          PruningListener.builder()
              .schedule(SparsitySchedules.constant(0.5))
              .parameters(
                  ParameterFilter.weights().exceptLayers(network == both ? "layer1" : "out"))
              .build();
      assertThatThrownBy(() -> pruning.attachTo(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(network == both ? "layer layer0" : "layer last")
          .hasMessageContaining("UnitNorm");
    }
  }
}
