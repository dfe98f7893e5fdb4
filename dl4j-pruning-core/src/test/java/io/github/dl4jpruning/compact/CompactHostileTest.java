package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.codec.ByteSink;
import io.github.dl4jpruning.codec.ConfigurationText;
import io.github.dl4jpruning.codec.Section;
import io.github.dl4jpruning.codec.SectionReader;
import io.github.dl4jpruning.codec.SectionWriter;
import io.github.dl4jpruning.model.RawValues;
import io.github.dl4jpruning.runtime.codec.ByteSource;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Files whose checksums are right, made by someone who knows the format. */
class CompactHostileTest {

  private static final int MOST = 1 << 24;

  /** Set where a class is made that nobody has allowed. */
  static boolean trapSprung;

  /** Something on the class path that must not be touched. */
  public static final class Trap {
    static {
      trapSprung = true;
    }
  }

  private static byte[] written(Model network, CompactOptions options) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompactModelSerializer.write(network, out, options);
    return out.toByteArray();
  }

  private static CompactModel restore(byte[] file) throws IOException {
    return CompactModelSerializer.restore(
        new ByteArrayInputStream(file), RestoreOptions.defaults());
  }

  /** A file with another configuration, or another recipe. */
  private static byte[] changed(
      byte[] file, UnaryOperator<String> configuration, UnaryOperator<String> recipe)
      throws IOException {
    SectionReader reader = new SectionReader(new ByteArrayInputStream(file));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SectionWriter writer = new SectionWriter(out);
    SectionReader.Content section;
    do {
      section = reader.next();
      ByteSource source = section.content();
      ByteSink sink = new ByteSink();
      if (section.section() == Section.HEAD) {
        sink.putByte(source.getByte(1, "kind"));
        sink.putByte(source.getByte(2, "type"));
        sink.putCount(source.getCount(Long.MAX_VALUE, "parameters"));
        ConfigurationText.put(configuration.apply(ConfigurationText.get(source, MOST)), sink);
      } else if (section.section() == Section.PRUN) {
        sink.putText(recipe.apply(source.getText(MOST, "recipe")));
      }
      byte[] rest = source.getBytes(source.remaining());
      sink.putBytes(rest, rest.length);
      writer.write(section.section(), sink);
    } while (section.section() != Section.DONE);
    return out.toByteArray();
  }

  private static void assertRefused(UnaryOperator<String> configuration, String message)
      throws IOException {
    byte[] file = written(Recipe.of(Kind.DENSE).build(), CompactOptions.lossless());
    byte[] bytes = changed(file, configuration, UnaryOperator.identity());
    assertThat(bytes).isNotEqualTo(file);
    assertThatThrownBy(() -> restore(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at byte")
        .hasMessageContaining(message);
  }

  @Test
  void shouldMakeNothingThatIsNotAllowed() throws IOException {
    String dense = "org.deeplearning4j.nn.conf.layers.DenseLayer";
    String trap = Trap.class.getName();
    assertRefused(json -> json.replace(dense, trap), "it names " + trap);
    assertRefused(json -> json.replace(dense, dense + "<" + trap + ">"), "it names " + dense + "<");
    assertRefused(json -> json.replace(dense, "java.lang.Thread"), "it names java.lang.Thread");
    assertRefused(json -> json.replace(dense, "Foo"), "it names Foo");
    // The form without a key, which Jackson takes as well.
    assertRefused(
        json ->
            json.replaceFirst(
                "\"activationFn\":\\{[^}]*\\}",
                Matcher.quoteReplacement("\"activationFn\":[\"" + trap + "\",{}]")),
        "cannot be read");
    assertThat(trapSprung).isFalse();
  }

  /** DL4J's own, though they stand in a package apart. */
  @Test
  void shouldKeepPreprocessorsOfNetworksThatCameFromKeras() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    for (InputPreProcessor preprocessor :
        List.of(
            new ReshapePreprocessor(new long[] {7}, new long[] {7}, false),
            new PermutePreprocessor(1))) {
      network.getLayerWiseConfigurations().setInputPreProcessors(Map.of(0, preprocessor));

      MultiLayerNetwork read =
          (MultiLayerNetwork) restore(written(network, CompactOptions.lossless())).network();

      assertThat(read.getLayerWiseConfigurations().getInputPreProcess(0)).isEqualTo(preprocessor);
    }
    assertRefused(
        json ->
            json.replaceFirst(
                "\"inputPreProcessors\":\\{",
                "\"inputPreProcessors\":{\"0\":{\"@class\":\"org.deeplearning4j.other.Thing\"}"),
        "it names org.deeplearning4j.other.Thing");
  }

  @Test
  void shouldRefuseStateOfAnUpdaterThatIsNotThere() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).with(new Adam(0.01)).build();
    Networks.fit(network, Recipe.of(Kind.DENSE).batch(0));
    byte[] file = written(network, CompactOptions.builder().updaterState(true).build());
    byte[] without =
        changed(
            file,
            json -> json.replaceAll("\"iupdater\":\\{[^}]*\\}", "\"iupdater\":null"),
            UnaryOperator.identity());
    byte[] stateless =
        changed(
            file,
            json -> json.replace("linalg.learning.config.Adam", "linalg.learning.config.Sgd"),
            UnaryOperator.identity());

    assertThatThrownBy(() -> restore(without))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a network's configuration, but it cannot be read");
    assertThatThrownBy(() -> restore(stateless))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("UPDA");
  }

  @Test
  void shouldRefuseConfigurationsThatCostMuch() throws IOException {
    assertRefused(json -> "[".repeat(50_000), "at most 100 levels");
    assertRefused(
        json -> json.replaceFirst("\"epochCount\":0", "\"epochCount\":" + "9".repeat(100_000)),
        "numbers of at most 64 digits");
    assertRefused(
        json -> json.replaceFirst("\\{", "{\"dataBuffer\":[0],\"numElements\":2147483647,"),
        "it has a dataBuffer");
    assertRefused(
        json -> json.replaceFirst("\\{", "{\"shape\":[3,6148914691236517206],\"data\":[1,2],"),
        "shapes of at most");
    assertRefused(
        json -> json.replaceFirst("\\{", "{\"shape\":[1,1,1,1,1],\"data\":[1],"),
        "shapes of at most 3 axes");
    assertRefused(json -> json.replaceFirst("\"nin\":7", "\"nin\":2000000000"), "parameters");
    assertRefused(json -> json.replace("\"nin\":7", "\"nin\":8"), "parameters of type FLOAT");
    assertRefused(json -> json.replaceFirst("\"nin\":7", "\"nin\":-7"), "expected");
    assertRefused(json -> "null", "it is null");
    assertRefused(json -> json.substring(0, json.length() / 2), "expected");
    assertRefused(json -> json.replaceFirst("\\{", "{\"confs\":1,"), "it is damaged");
  }

  @Test
  void shouldRefuseRecipesThatCostMuch() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build().attachTo(network);
    Networks.fit(network, Recipe.of(Kind.DENSE).batch(0));
    byte[] file = written(network, CompactOptions.lossless());
    for (String recipe :
        new String[] {
          "- ".repeat(20_000) + "x", "schedule: " + "9".repeat(60_000), "[".repeat(9_000), "{"
        }) {
      byte[] bytes = changed(file, UnaryOperator.identity(), text -> recipe);
      assertThatThrownBy(() -> restore(bytes))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("at byte")
          .hasMessageContaining("expected a pruning state");
    }
    byte[] longer = changed(file, UnaryOperator.identity(), text -> " ".repeat(1 << 17));
    assertThatThrownBy(() -> restore(longer)).hasMessageContaining("a recipe of at most 65536");
    assertThat(restore(changed(file, UnaryOperator.identity(), text -> "")).pruning()).isEmpty();
  }

  /** The bits that were written, also where masks say that they will not stay. */
  @Test
  void shouldKeepWeightsThatAreRemovedButNotZero() throws IOException {
    MultiLayerNetwork network = Recipe.of(Kind.DENSE).build();
    PruningListener pruning =
        PruningListener.builder().schedule(SparsitySchedules.constant(0.5)).build();
    pruning.attachTo(network);
    Networks.fit(network, Recipe.of(Kind.DENSE).batch(0));
    network.getParam("0_W").assign(0.25);
    RawValues.View view = RawValues.parametersOf(network).view();
    view.write(3, new long[] {Integer.toUnsignedLong(Float.floatToRawIntBits(-0.0f))}, 1);

    CompactModel model = restore(written(network, CompactOptions.lossless()));

    long[] before = new long[(int) network.numParams()];
    long[] after = before.clone();
    view.read(0, before, before.length);
    RawValues.parametersOf(model.network()).view().read(0, after, after.length);
    assertThat(after).isEqualTo(before);
    assertThat(model.pruning().orElseThrow().masks()).isEqualTo(pruning.masks());
  }

  @Test
  void shouldKeepANetworkWithoutParameters() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new ActivationLayer(Activation.TANH))
                .layer(new LossLayer.Builder(LossFunction.MSE).build())
                .build());
    network.init();

    assertThat(restore(written(network, CompactOptions.lossless())).network().numParams()).isZero();
  }
}
