package io.github.dl4jpruning.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.select.PrunableParameter;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What a backend with a device of its own would be asked: arrays brought to the host before they
 * are read, and taken back after they were written; and the device's own look at removed weights.
 * (There is only a CPU to try it on.)
 */
@Isolated // replaces a part of ND4J meanwhile
class DeviceTest {

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nIn(7).nOut(9).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(9)
                        .nOut(3)
                        .activation(Activation.IDENTITY)
                        .build())
                .build());
    network.init();
    return network;
  }

  private static void fit(MultiLayerNetwork network) {
    network.fit(Nd4j.ones(4, 7), Nd4j.ones(4, 3));
  }

  /** What ND4J was asked of the memory of arrays, while an action ran. */
  private static List<Asked> asked(Runnable action) {
    List<Asked> asked = new ArrayList<>();
    AffinityManager real = Nd4j.getAffinityManager();
    AffinityManager watched =
        (AffinityManager)
            Proxy.newProxyInstance(
                AffinityManager.class.getClassLoader(),
                new Class<?>[] {AffinityManager.class},
                (proxy, method, arguments) -> {
                  boolean ensures = method.getName().equals("ensureLocation");
                  boolean tags = method.getName().equals("tagLocation");
                  if ((ensures || tags) && arguments[1] == AffinityManager.Location.HOST) {
                    DataBuffer data =
                        arguments[0] instanceof INDArray array
                            ? array.data()
                            : (DataBuffer) arguments[0];
                    asked.add(new Asked(tags, root(data)));
                  }
                  try {
                    return method.invoke(real, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    try {
      set(watched);
      action.run();
    } finally {
      set(real);
    }
    return asked;
  }

  private record Asked(boolean tagged, DataBuffer memory) {}

  private static DataBuffer root(DataBuffer data) {
    return data.originalDataBuffer() == null ? data : data.originalDataBuffer();
  }

  private static void set(AffinityManager manager) {
    try {
      Field field = Nd4j.class.getDeclaredField("affinityManager");
      field.setAccessible(true);
      field.set(null, manager);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void shouldBringArraysToTheHostAndTakeThemBack() {
    MultiLayerNetwork network = network();
    fit(network);
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(network);
    List<Asked> update = asked(() -> fit(network));
    assertThat(update)
        .filteredOn(Asked::tagged)
        .extracting(Asked::memory)
        .anyMatch(memory -> memory == root(network.params().data()))
        .anyMatch(memory -> memory == root(network.getUpdater().getStateViewArray().data()));
    assertThat(update.stream().filter(Asked::tagged).map(Asked::memory))
        .as("whatever is written was brought here first")
        .allMatch(memory -> update.stream().anyMatch(a -> !a.tagged() && a.memory() == memory));

    List<Asked> report = asked(() -> SparsityReport.of(network));
    assertThat(report).isNotEmpty().noneMatch(Asked::tagged);
    assertThat(asked(() -> fit(network))).as("an ordinary step copies nothing").isEmpty();
  }

  @Test
  void shouldHaveTheDeviceLookAtRemovedWeights() {
    MultiLayerNetwork network = network();
    NetworkParameters parameters = NetworkParameters.of(network);
    List<PrunableParameter> selected =
        parameters.parameters().stream()
            .filter(p -> p.role() == PrunableParameter.Role.WEIGHT)
            .toList();
    Random random = new Random(1);
    List<Mask> masks = new ArrayList<>();
    for (PrunableParameter parameter : selected) {
      boolean[] kept = new boolean[parameter.length()];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = random.nextBoolean();
      }
      masks.add(Mask.of(kept));
    }
    MaskWriter writer = new MaskWriter(parameters, selected, true);
    writer.replaceMasks(masks); // proves itself
    writer.maskAfterStep(); // and after a step
    int removed = 0;
    while (masks.get(0).isKept(removed)) {
      removed++;
    }
    network.params().putScalar(selected.get(0).offset() + removed, Double.NaN);
    int first = removed;
    assertThatThrownBy(
            () -> {
              writer.resumeMasks(masks);
              network.params().putScalar(selected.get(0).offset() + first, Double.NaN);
              writer.maskAfterStep(); // NaN stays NaN where a device multiplies
            })
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected removed weights to be zero on the device after a step")
        .hasMessageContaining("NaN")
        .hasMessageContaining("NATIVE_CPU");
  }

  @Test
  void shouldMeasureTheDistanceFromAMask() {
    INDArray vector = Nd4j.createFromArray(1f, -2f, 0f, 4f);
    FlatMask mask = new FlatMask(vector.dataType(), 0, 4);
    FlatMask.Target target = mask.target(null, vector);
    assertThat(target.distanceFromMask()).isZero();
    mask.put(0, Mask.of(new boolean[] {false, true, true, false}), 0.0);
    assertThat(target.distanceFromMask()).isEqualTo(2.0); // the entries that are meant are kept
    target.mask();
    assertThat(target.distanceFromMask()).isZero();
    vector.putScalar(1, Double.NaN);
    assertThat(target.distanceFromMask()).isNaN();
  }
}
