package io.github.dl4jpruning.compact;

import static io.github.dl4jpruning.compact.CompactFixtures.bits;
import static io.github.dl4jpruning.compact.CompactFixtures.prune;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.model.RawValues;
import io.github.dl4jpruning.model.SavedConfiguration;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What a compact file keeps: every bit of parameters, updater state and pruning, at no more than
 * the size of the stock file.
 */
class CompactModelSerializerTest {

  private static final double[] SPARSITIES = {0.0, 0.3, 0.9, 0.99, 1.0};
  @TempDir Path folder;

  static List<DataType> types() {
    return List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16);
  }

  static List<Kind> kinds() {
    return List.of(Kind.values());
  }

  private static String configuration(Model network) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    NetworkStore.writeConfiguration(SavedConfiguration.of(network, 0, 0), json);
    return json.toString(StandardCharsets.UTF_8);
  }

  private static final CompactOptions WITH_UPDATER =
      CompactOptions.builder().updaterState(true).build();

  @ParameterizedTest
  @EnumSource(Kind.class)
  void shouldKeepEveryBitOfEveryKindAndType(Kind kind) throws IOException {
    for (DataType type : types()) {
      Recipe recipe = Recipe.of(kind).with(new Adam(0.01)).with(type);
      for (boolean graph : new boolean[] {false, true}) {
        MultiLayerNetwork plain = recipe.build();
        Model network = graph ? plain.toComputationGraph() : plain;
        if (type != DataType.FLOAT16) { // some layers cannot be trained in HALF
          Networks.fit(network, recipe.batch(1));
          Networks.fit(network, recipe.batch(2));
        }
        Random random = new Random(7);
        for (double sparsity : SPARSITIES) {
          prune(network, sparsity, random);
          Path file = folder.resolve("model");

          CompactSizes sizes = CompactModelSerializer.write(network, file, WITH_UPDATER);
          Model read = CompactModelSerializer.restore(file).network();

          assertThat(read).hasSameClassAs(network);
          assertThat(bits(read)).as("%s %s", kind, type).isEqualTo(bits(network));
          assertThat(configuration(read)).isEqualTo(configuration(network));
          assertThat(sizes.compact()).isEqualTo(Files.size(file));
          assertThat(sizes.raw()).isEqualTo(network.params().length() * type.width());
          assertThat(sizes.tensors().stream().mapToLong(CompactSizes.Tensor::values).sum())
              .isEqualTo(network.params().length());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void shouldTrainOnToTheSameBits(Kind kind) throws IOException {
    Recipe recipe = Recipe.of(kind).with(new Adam(0.01));
    MultiLayerNetwork network = recipe.build();
    Networks.fit(network, recipe.batch(1));
    Path file = folder.resolve("model");
    CompactModelSerializer.write(network, file, WITH_UPDATER);
    MultiLayerNetwork read = CompactModelSerializer.restoreMultiLayerNetwork(file);

    for (int t = 2; t < 5; t++) {
      Nd4j.getRandom().setSeed(t);
      Networks.fit(network, recipe.batch(t));
      Nd4j.getRandom().setSeed(t);
      Networks.fit(read, recipe.batch(t));
    }

    assertThat(bits(read)).isEqualTo(bits(network));
    assertThat(read.getIterationCount()).isEqualTo(network.getIterationCount()).isEqualTo(4);
  }

  /** Whatever the bits are: not a number with a payload, minus zero, denormal, infinite. */
  @ParameterizedTest
  @MethodSource("types")
  void shouldKeepAnyBits(DataType type) throws IOException {
    Random random = new Random(3);
    Model network = Recipe.of(Kind.DENSE).with(type).build();
    RawValues.View view = RawValues.parametersOf(network).view();
    long[] any = random.longs(network.params().length()).toArray();
    if (type != DataType.DOUBLE) {
      any = Arrays.stream(any).map(b -> b & (1L << (8 * type.width())) - 1).toArray();
    }
    view.write(0, any, any.length);
    assertThat(Arrays.copyOf(bits(network), any.length)).isEqualTo(any);

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactModelSerializer.write(network, out, CompactOptions.lossless());
    Model read =
        CompactModelSerializer.restore(
                new ByteArrayInputStream(out.toByteArray()), RestoreOptions.defaults())
            .network();

    assertThat(bits(read)).isEqualTo(bits(network));
  }

  /** More elements than a block, and than a section. */
  @Test
  void shouldKeepLargeTensors() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().nIn(1_500).nOut(1_501).build())
                .layer(new DenseLayer.Builder().nIn(1_501).nOut(10).build())
                .layer(new OutputLayer.Builder(LossFunction.MSE).nIn(10).nOut(2).build())
                .build());
    network.init();
    prune(network, 0.95, new Random(1));
    List<Long> told = new ArrayList<>();
    Path file = folder.resolve("large");

    CompactModelSerializer.write(
        network, file, CompactOptions.builder().updaterState(true).progress(told::add).build());

    assertThat(bits(CompactModelSerializer.restore(file).network())).isEqualTo(bits(network));
    assertThat(told).hasSizeGreaterThan(2).isSorted();
    assertThat(told.get(told.size() - 1)).isEqualTo(network.params().length());
  }

  /** At sparsity 0 there is nothing to gain, and no more than a hundredth to lose. */
  @ParameterizedTest
  @MethodSource("kinds")
  void shouldNeverBeLargerThanTheStockZip(Kind kind) throws IOException {
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Recipe recipe = Recipe.of(kind).with(type);
      for (boolean constant : new boolean[] {false, true}) {
        for (boolean graph : new boolean[] {false, true}) {
          MultiLayerNetwork plain = recipe.build();
          Model network = graph ? plain.toComputationGraph() : plain;
          if (constant) {
            network.params().assign(0.123);
          }
          ByteArrayOutputStream zip = new ByteArrayOutputStream();
          ModelSerializer.writeModel(network, zip, false);

          CompactSizes sizes = CompactModelSerializer.measure(network, CompactOptions.lossless());

          assertThat(sizes.compact()).isLessThanOrEqualTo((long) (1.01 * zip.size()));
        }
      }
    }
  }

  @Test
  void shouldPruneOnFromAFile() throws IOException {
    for (SparsityPattern pattern :
        List.of(SparsityPattern.unstructured(), SparsityPattern.channel())) {
      for (ImportanceCriterion criterion :
          List.of(ImportanceCriterion.magnitude(), ImportanceCriterion.movement())) {
        Recipe recipe = Recipe.of(Kind.DENSE).with(new Adam(0.01));
        MultiLayerNetwork network = recipe.build();
        PruningListener pruning =
            PruningListener.builder()
                .schedule(SparsitySchedules.linear(0.0, 0.7, 2, 9))
                .updateEvery(2)
                .pattern(pattern)
                .criterion(criterion)
                .build();
        pruning.attachTo(network);
        for (int t = 0; t < 6; t++) {
          Networks.fit(network, recipe.batch(t));
        }
        // A weight that is kept and happens to be zero is no removed one.
        Path file = folder.resolve("pruned");
        CompactModelSerializer.write(network, file, WITH_UPDATER);

        CompactModel model = CompactModelSerializer.restore(file);
        assertThat(model.pruning()).isPresent();
        assertThat(bits(model.network())).isEqualTo(bits(network));
        for (int t = 6; t < 12; t++) {
          Networks.fit(network, recipe.batch(t));
          Networks.fit(model.network(), recipe.batch(t));
        }

        assertThat(bits(model.network())).isEqualTo(bits(network));
        assertThat(model.pruning().orElseThrow().sparsity()).isEqualTo(pruning.sparsity());
        assertThat(model.pruning().orElseThrow().masks()).isEqualTo(pruning.masks());
      }
    }
  }

  @Test
  void shouldTellAWeightThatIsZeroFromOneThatIsRemoved() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(network);
    Networks.fit(network, Recipe.of(Kind.DENSE).batch(0));
    network.getLayer(0).getParam("W").putRow(0, Nd4j.zeros(11));
    Path file = folder.resolve("zeros");
    CompactModelSerializer.write(network, file);

    CompactModel model = CompactModelSerializer.restore(file);

    assertThat(model.pruning().orElseThrow().masks()).isEqualTo(pruning.masks());
    CompactModelSerializer.write(network, file, CompactOptions.builder().pruning(false).build());
    assertThat(CompactModelSerializer.restore(file).pruning()).isEmpty();
  }

  @Test
  void shouldReadAStreamNoFurtherThanItsEnd() throws IOException {
    Model network = Recipe.of(Kind.LSTM).build();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactModelSerializer.write(network, out, CompactOptions.lossless());
    out.write(42);
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());

    CompactModelSerializer.restore(in, RestoreOptions.defaults());

    assertThat(in.read()).isEqualTo(42);
    Path file = folder.resolve("longer");
    Files.write(file, out.toByteArray());
    assertThatThrownBy(() -> CompactModelSerializer.restore(file))
        .hasMessageContaining("expected the end of the file, but more bytes follow");
  }
}
