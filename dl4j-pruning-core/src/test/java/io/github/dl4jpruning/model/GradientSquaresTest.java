package io.github.dl4jpruning.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.dl4jpruning.select.PrunableParameter;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/** The mean squares are those that updaters compute, and those of a plain loop. */
class GradientSquaresTest {

  private static final int STEPS = 5;

  private static final List<IUpdater> KEEPING =
      List.of(
          new Adam(1e-3),
          new Adam(1e-3, 0.8, 0.7, 1e-8),
          new AMSGrad(1e-3),
          new Nadam(1e-3),
          new RmsProp(1e-3),
          new AdaDelta());

  private static final List<IUpdater> OTHERS =
      List.of(new Sgd(0.1), new Nesterovs(0.1), new AdaGrad(0.1), new AdaMax(1e-3), new NoOp());

  private static Model network(IUpdater updater, boolean graph) {
    MultiLayerNetwork network = Recipe.of(Kind.CONVOLUTION).with(updater).build();
    if (!graph) {
      return network;
    }
    ComputationGraph same = network.toComputationGraph();
    same.init();
    return same;
  }

  private static void train(Model network, Consumer<Model> atGradient) {
    network.setListeners(
        List.of(
            new BaseTrainingListener() {
              @Override
              public void onGradientCalculation(Model model) {
                atGradient.accept(model);
              }
            }));
    for (int t = 0; t < STEPS; t++) {
      Networks.fit(network, Recipe.of(Kind.CONVOLUTION).batch(t));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldReadWhatTheUpdaterWillHaveAfterTheStep(boolean graph) {
    for (IUpdater updater : KEEPING) {
      Model network = network(updater, graph);
      NetworkParameters parameters = NetworkParameters.of(network);
      GradientSquares squares = new GradientSquares(parameters);
      List<double[]> before = new ArrayList<>();
      train(
          network,
          model -> {
            before.clear();
            for (PrunableParameter parameter : parameters.parameters()) {
              assertThat(squares.isKeptByUpdater(parameter)).as("%s", updater).isTrue();
              before.add(squares.ofUpdater(parameter));
            }
          });

      GradientUpdater<?> own =
          parameters.network().updater().getUpdaterBlocks().get(0).getGradientUpdater();
      String state = updater instanceof RmsProp ? "G" : updater instanceof AdaDelta ? "msg" : "V";
      double[] after = own.getState().get(state).dup().data().asDouble();
      int at = 0;
      for (double[] values : before) {
        for (double value : values) {
          assertThat(value)
              .as("%s", updater)
              .isCloseTo(after[at], within(1e-4 * after[at] + 1e-12));
          at++;
        }
      }
      assertThat(at).isEqualTo(after.length);
      assertThat(Nd4j.create(after).maxNumber().doubleValue()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldFollowTheGradientWhereTheUpdaterDoesNot(boolean graph) {
    for (IUpdater updater : OTHERS) {
      Model network = network(updater, graph);
      NetworkParameters parameters = NetworkParameters.of(network);
      GradientSquares squares = new GradientSquares(parameters);
      PrunableParameter parameter = parameters.parameters().get(1);
      double[] means = new double[parameter.length()];
      double[] expected = new double[parameter.length()];
      train(
          network,
          model -> {
            assertThat(squares.isKeptByUpdater(parameter)).as("%s", updater).isFalse();
            squares.follow(parameter, means);
            double[] gradients = parameters.finiteGradients(parameter);
            for (int i = 0; i < expected.length; i++) {
              double g = gradients[i] / Networks.BATCH;
              expected[i] = 0.999 * expected[i] + 0.001 * g * g;
            }
          });
      for (int i = 0; i < expected.length; i++) {
        assertThat(means[i]).isCloseTo(expected[i], within(1e-12 * expected[i]));
      }
      assertThat(Nd4j.create(means).maxNumber().doubleValue()).isPositive();
    }
  }

  /** A loss that is a sum and not a mean is not divided by the number of examples. */
  @Test
  void shouldNotDivideTheGradientOfASum() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .miniBatch(false)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(1e-3))
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(4).updater(new Sgd(0.1)).build())
                .layer(
                    new OutputLayer.Builder().nIn(4).nOut(2).activation(Activation.SOFTMAX).build())
                .build());
    network.init();
    NetworkParameters parameters = NetworkParameters.of(network);
    GradientSquares squares = new GradientSquares(parameters);
    PrunableParameter own = parameters.parameters().get(0);
    PrunableParameter adam = parameters.parameters().get(2);
    double[] means = new double[own.length()];
    network.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onGradientCalculation(Model model) {
            assertThat(squares.isKeptByUpdater(own)).isFalse();
            assertThat(squares.isKeptByUpdater(adam)).isTrue();
            squares.follow(own, means);
            double g = parameters.finiteGradients(own)[0];
            assertThat(means[0]).isCloseTo(0.001 * g * g, within(1e-15)).isPositive();
            double h = parameters.finiteGradients(adam)[0];
            assertThat(squares.ofUpdater(adam)[0]).isCloseTo(0.001 * h * h, within(1e-15));
          }
        });
    network.fit(
        new DataSet(
            Nd4j.rand(DataType.DOUBLE, 5, 3),
            Nd4j.create(new double[][] {{1, 0}, {0, 1}, {1, 0}, {1, 0}, {0, 1}})));
  }
}
