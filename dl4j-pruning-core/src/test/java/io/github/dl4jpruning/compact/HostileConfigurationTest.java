package io.github.dl4jpruning.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.codec.Block;
import io.github.dl4jpruning.codec.ByteSink;
import io.github.dl4jpruning.codec.ConfigurationText;
import io.github.dl4jpruning.codec.Section;
import io.github.dl4jpruning.codec.SectionWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that cost DL4J's own readers minutes, gigabytes or the process: each did, once. */
class HostileConfigurationTest {

  /** Each took longer than this, or did not end. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final String LAYERS = "org.deeplearning4j.nn.conf.layers.";
  private static final String VERTICES = "org.deeplearning4j.nn.conf.graph.";

  private static final String COMMON =
      "'activationFn':{'@class':'org.nd4j.linalg.activations.impl.ActivationIdentity'},"
          + "'iupdater':{'@class':'org.nd4j.linalg.learning.config.Sgd','learningRate':0.1},"
          + "'weightInitFn':{'@class':'org.deeplearning4j.nn.weights.WeightInitXavier'},"
          + "'regularization':[],'regularizationBias':[],";

  private static String layer(String type, String fields) {
    return "{'@class':'" + LAYERS + type + "'," + fields + "}";
  }

  private static String dense(long in, long out, String name) {
    String sizes = "'nin':" + in + ",'nout':" + out + ",'hasBias':false,'layerName':'" + name + "'";
    return layer("DenseLayer", COMMON + sizes);
  }

  private static String conf(String layer) {
    return "{'layer':"
        + layer
        + ",'optimizationAlgo':'STOCHASTIC_GRADIENT_DESCENT','variables':[]}";
  }

  private static String network(String more, String... layers) {
    String confs =
        Arrays.stream(layers).map(HostileConfigurationTest::conf).collect(Collectors.joining(","));
    return "{'dataType':'FLOAT','confs':[" + confs + "]" + more + "}";
  }

  private static String graph(String vertices, String inputs, String last, String more) {
    return "{'dataType':'FLOAT','defaultConfiguration':"
        + "{'optimizationAlgo':'STOCHASTIC_GRADIENT_DESCENT'},"
        + ("'networkInputs':['in'],'networkOutputs':['" + last + "'],'vertices':{" + vertices)
        + ("},'vertexInputs':{" + inputs + "}" + more + "}");
  }

  private static String vertex(String layer) {
    return "{'@class':'" + VERTICES + "LayerVertex','layerConf':" + conf(layer) + "}";
  }

  /** A file of zeros, all checksums right. */
  private static byte[] file(String json, String recipe, int... tensors) throws IOException {
    int parameters = Arrays.stream(tensors).sum();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SectionWriter writer = new SectionWriter(out);
    ByteSink head = new ByteSink();
    head.putByte(json.contains("'vertices'") ? 1 : 0);
    head.putByte(0);
    head.putCount(parameters);
    ConfigurationText.put(json.replace('\'', '"'), head);
    writer.write(Section.HEAD, head);
    if (recipe != null) {
      ByteSink values = new ByteSink();
      for (int length : tensors) {
        values.putCount(length);
        values.putByte(0);
        Block.put(new long[length], length, Float.BYTES, values);
      }
      writer.write(Section.PARA, values);
      ByteSink pruning = new ByteSink();
      pruning.putText(recipe);
      writer.write(Section.PRUN, pruning);
    }
    writer.write(Section.DONE, new ByteSink());
    return out.toByteArray();
  }

  private static void assertRefused(byte[] file, String message) {
    ThrowingCallable reading =
        () ->
            CompactModelSerializer.restore(
                new ByteArrayInputStream(file), RestoreOptions.defaults());
    Assertions.assertTimeoutPreemptively(
        SOON,
        () ->
            assertThatThrownBy(reading)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at byte")
                .hasMessageContaining(message));
  }

  private static void assertRefused(String json, String message) throws IOException {
    assertRefused(file(json, null, 4), message);
  }

  /** ND4J reads the text as a number, whose product wraps: the process ended. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'2','4611686018427387905','2'",
        "2,4611686018427387905,2",
        "2.0,2",
        "true,4",
        "[2],2",
        "{},4"
      })
  void shouldRefuseShapesThatAreNone(String shape) throws IOException {
    String boxes = "'dataType':'HALF','shape':[" + shape + "],'data':[1,2,3,4]";
    String output = layer("objdetect.Yolo2OutputLayer", "'boundingBoxes':{" + boxes + "}");

    assertRefused(network("", output), "shapes of");
  }

  /** Each initialises what is inside twice. */
  @Test
  void shouldRefuseOneBidirectionalInAnother() throws IOException {
    String inner = dense(1, 1, "d");
    for (int i = 0; i < 2; i++) {
      String frozen = layer("misc.FrozenLayer", "'layer':" + inner);
      inner =
          layer(
              "recurrent.Bidirectional",
              "'mode':'ADD','bwd':" + dense(1L << i, 1, "d") + ",'fwd':" + frozen);
    }

    assertRefused(network("", inner), "one Bidirectional around a layer");
  }

  /** Until its class is known an object is kept as a whole, and what is in it once more. */
  @Test
  void shouldRefuseObjectsThatSayLateWhatTheyAre() throws IOException {
    String inner = dense(2, 2, "d");
    for (int i = 0; i < 45; i++) {
      inner = "{'layer':" + inner + ",'@class':'" + LAYERS + "misc.FrozenLayer'}";
    }

    assertRefused(network("", inner), "expected objects that begin with @class");
  }

  @Test
  void shouldRefuseWhatIsTooMuch() throws IOException {
    String objects = "{},".repeat(1_100) + "{}";
    assertRefused(
        network("", layer("Upsampling2D", "'size':[" + objects + "]")),
        "expected at most 1024 elements in size");
    String ones = "1,".repeat(20_000) + "1";
    assertRefused(
        network(
            "", layer("variational.VariationalAutoencoder", "'encoderLayerSizes':[" + ones + "]")),
        "expected at most 1024 elements in encoderLayerSizes");
    assertRefused(network("", dense(2, 2, "a".repeat(501))), "names of at most 500 letters");
    assertRefused(network(",'" + "a".repeat(501) + "':1", dense(2, 2, "d")), "found one of 501");
    String mask = conf("{'@class':'" + LAYERS + "util.MaskLayer'}");
    assertRefused(
        "{'dataType':'FLOAT','confs':[" + (mask + ",").repeat(1 << 13) + mask + "]}",
        "expected at most 8192 elements in confs");
    String wide =
        IntStream.range(0, 1_024).mapToObj(i -> "'f" + i + "':1").collect(Collectors.joining(","));
    String several = ("{" + wide + "},").repeat(255);
    assertRefused(
        network(",'other':[" + several + "{}],'another':[{" + wide + "}]", dense(2, 2, "d")),
        "at most 262144 fields");
    assertRefused(file(" ".repeat(10), null, 4), "cannot be read");
  }

  @Test
  void shouldRefuseATensorForEachParameter() throws IOException {
    String sizes = "1,".repeat(255) + "1";
    String gaussian =
        "{'@class':'"
            + LAYERS
            + "variational.GaussianReconstructionDistribution','activationFn':"
            + "{'@class':'org.nd4j.linalg.activations.impl.ActivationIdentity'}}";
    String encoder =
        layer(
            "variational.VariationalAutoencoder",
            COMMON
                + "'nin':1,'nout':1,'encoderLayerSizes':["
                + sizes
                + "],'decoderLayerSizes':["
                + sizes
                + "],'outputDistribution':"
                + gaussian);
    // A frozen layer says that it has no parameters.
    String frozen = layer("misc.FrozenLayer", "'layer':" + encoder);
    String[] layers =
        IntStream.range(0, 40).mapToObj(i -> i % 2 == 0 ? encoder : frozen).toArray(String[]::new);

    assertRefused(network("", layers), "at most 32768 tensors of parameters");
  }

  /** DL4J looks that up with a reader of its own, which asks nobody. */
  @Test
  void shouldRefuseFieldsOfOldConfigurations() throws IOException {
    assertRefused(
        network("", layer("DenseLayer", "'weightInit':'DISTRIBUTION','dist':{'type':'Thing'}")),
        "it has a dist");
  }

  private static String recipe(String more) {
    return "schedule: {constant: {sparsity: 0.5}}\n" + more + "\n";
  }

  @Test
  void shouldRefuseExpressionsThatMayTakeForever() throws IOException {
    String json = network("", dense(2, 2, "a".repeat(60) + "!"));
    byte[] file = file(json, recipe("parameters: {layersMatching: '(x?)(a|aa)*b\\1'}"), 4);
    assertRefused(file, "expected a recipe without regular expressions");
    String deep = "(".repeat(5_000) + "a" + ")".repeat(5_000);
    assertRefused(
        file(json, recipe("parameters: {layersMatching: '" + deep + "'}"), 4),
        "a regular expression of at most 1000 letters");
    assertRefused(
        file(json, recipe("parameters: {not: {layersMatching: 'b.*'}}"), 4),
        "expected a recipe without regular expressions");
    byte[] fine =
        file(network("", dense(2, 2, "abc")), recipe("parameters: {layersMatching: b}"), 4);
    assertThatThrownBy(
            () ->
                CompactModelSerializer.restore(
                    new ByteArrayInputStream(fine),
                    RestoreOptions.defaults().allowingExpressions()))
        .hasMessageContaining("the filter names layers that the network does not have: [b]");
  }

  @Test
  void shouldRefuseNamesThatAreLongToCompare() throws IOException {
    String[] layers =
        IntStream.range(0, 400)
            .mapToObj(i -> dense(1, 1, "a".repeat(490) + i))
            .toArray(String[]::new);
    String names = ("'*" + "a".repeat(900) + "b',").repeat(50);

    assertRefused(
        file(
            network("", layers),
            recipe("parameters: {layers: [" + names + " x]}"),
            IntStream.generate(() -> 1).limit(400).toArray()),
        "names that are compared with the recipe in at most 2147483648 steps");
  }

  @Test
  void shouldRefuseWidthsThatNoWeightHas() throws IOException {
    String flat =
        "{'@class':'org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor',"
            + "'inputHeight':46340,'inputWidth':46340,'numChannels':1}";
    assertRefused(
        file(
            network(",'inputPreProcessors':{'1':" + flat + "}", dense(2, 2, "x"), dense(2, 2, "y")),
            recipe("pattern: coupledChannels"),
            4,
            4),
        "expected at most 4194320 channels");

    String range = "{'@class':'" + VERTICES + "SubsetVertex','from':-1073741824,'to':0}";
    assertRefused(
        file(
            graph(
                "'d':" + vertex(dense(2, 2, "d")) + ",'s':" + range,
                "'d':['in'],'s':['d']",
                "s",
                ""),
            recipe("pattern: coupledChannels"),
            4),
        "expected a layer whose channels can be removed, but found none");

    StringBuilder vertices = new StringBuilder("'m0':" + vertex(dense(2, 2, "m0")));
    StringBuilder inputs = new StringBuilder("'m0':['in']");
    for (int i = 1; i <= 40; i++) {
      String before = "'m" + (i - 1) + "'";
      vertices.append(",'m" + i + "':{'@class':'" + VERTICES + "MergeVertex','mergeAxis':1}");
      inputs.append(",'m" + i + "':[" + before + "," + before + "]");
    }
    assertRefused(
        file(
            graph(vertices.toString(), inputs.toString(), "m40", ""),
            recipe("pattern: coupledChannels"),
            4),
        "expected at most 4194312 channels");
  }

  /** DL4J takes an order that is there for right. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '/',
      quoteCharacter = '"',
      value = {
        "[0,1,2]/'in','a','a'",
        "[2,1,0]/'b','a','in'",
        "[1,2]/'a','b'",
        "[0,1,7]/'in','a','b'",
        "[0,1,2]/'in','a'"
      })
  void shouldRefuseAnotherOrderOfVertices(String order, String names) throws IOException {
    String vertices = "'a':" + vertex(dense(2, 2, "a")) + ",'b':" + vertex(dense(2, 2, "b"));
    String more = ",'topologicalOrder':" + order + ",'topologicalOrderStr':[" + names + "]";

    assertRefused(file(graph(vertices, "'a':['in'],'b':['a']", "b", more), null, 8), "vertices");
  }

  @Test
  void shouldReadWhatIsNotHostile() throws IOException {
    String vertices = "'a':" + vertex(dense(2, 2, "a")) + ",'b':" + vertex(dense(2, 2, "b"));
    String more = ",'topologicalOrder':[0,1,2],'topologicalOrderStr':['in','a','b']";
    byte[] file = file(graph(vertices, "'a':['in'],'b':['a']", "b", more), "", 4, 4);

    assertThat(
            CompactModelSerializer.restore(
                    new ByteArrayInputStream(file), RestoreOptions.defaults())
                .network()
                .numParams())
        .isEqualTo(8);
  }
}
