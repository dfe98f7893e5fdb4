package io.github.dl4jpruning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.examples.data.ImageFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class Cifar10JobTest {

  @TempDir Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    ImageFolders.write(folder.resolve("fruit"), ImageFolders.CLASSES, 20, 5);
  }

  private record Result(int code, String out, String err) {}

  private List<String> command(String output, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("cifar10", "--data", folder.resolve("fruit").toString()));
    arguments.addAll(List.of("--epochs", "3", "--fine-tune-epochs", "1", "--batch-size", "18"));
    arguments.addAll(List.of("--threads", "1"));
    arguments.addAll(List.of("--output", folder.resolve(output).toString()));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--recipe")) {
      arguments.addAll(List.of("--update-every", "2"));
    }
    return arguments;
  }

  private static Result run(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            arguments.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private Model model(Path file, String network) throws IOException {
    return network.equals("vgg")
        ? ModelSerializer.restoreMultiLayerNetwork(file.toFile())
        : ModelSerializer.restoreComputationGraph(file.toFile());
  }

  @Test
  void trainsPrunesAndReportsBothNetworks() throws IOException {
    Result result = run(command("out", "--final-sparsity", "0.75"));

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains(
            "small VGG on ", "ResNet-8 on ", "test accuracy", "conv32a.W", "block64-around.W");
    for (String network : List.of("vgg", "resnet")) {
      Path own = folder.resolve("out").resolve(network);
      SparsityReport dense = SparsityReport.of(model(own.resolve("dense.zip"), network));
      SparsityReport pruned = SparsityReport.of(model(own.resolve("pruned.zip"), network));
      assertThat(dense.sparsity()).isZero();
      assertThat(pruned.nonZeros())
          .isEqualTo(pruned.weights() - Math.round(0.75 * pruned.weights()));
      JsonNode report = new ObjectMapper().readTree(own.resolve("report.json").toFile());
      assertThat(report.at("/data/train").asInt()).isEqualTo(54);
      assertThat(report.at("/data/validation").asInt()).isEqualTo(6);
      assertThat(report.at("/data/test").asInt()).isEqualTo(15);
      assertThat(report.at("/settings/flip").asBoolean()).isTrue();
      assertThat(report.at("/pruned/testAccuracy").asDouble()).isBetween(0.0, 1.0);
      assertThat(ImageIO.read(own.resolve("chart.png").toFile()).getWidth()).isGreaterThan(400);
    }
    shrinks(folder.resolve("out").resolve("resnet").resolve("pruned.zip"));
  }

  /** The commands for models of one's own take what the job writes. */
  private void shrinks(Path model) throws IOException {
    Path output = folder.resolve("small");
    List<String> args = new ArrayList<>(List.of("shrink", model.toString(), "--threads", "1"));
    args.addAll(List.of("--data", folder.resolve("fruit").toString(), "--batch-size", "18"));
    args.addAll(List.of("--target-macs", "0.6", "--rounds", "1", "--fine-tune-epochs", "1"));
    args.addAll(List.of("--max-score-drop", "1", "--output", output.toString()));
    Result result = run(args);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains("The target was reached", "MACs", "test accuracy");
    JsonNode json = new ObjectMapper().readTree(output.resolve("report.json").toFile());
    assertThat(json.at("/macs/after").asLong())
        .isPositive()
        .isLessThanOrEqualTo((long) (0.6 * json.at("/macs/before").asLong()));
  }

  /** What is there when the job is ended in the middle can be used, and gone on with. */
  @Test
  void aJobThatIsEndedLeavesAUsableResultAndGoesOn() throws Exception {
    Result undisturbed = run(command("one", "--network", "resnet"));
    assertThat(undisturbed.code()).as(undisturbed.err()).isZero();

    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(command("two", "--network", "resnet"));
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Path saved = folder.resolve("two").resolve("resnet").resolve("saved");
    Path pruned = saved.resolve("pruned.checkpoint.zip");
    while (!Files.exists(pruned) && process.isAlive()) {
      Thread.sleep(20);
    }
    process.destroy(); // as Ctrl-C does
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(log).content().contains("interrupted; ").contains("--resume continues");
    assertThat(folder.resolve("two/resnet/report.json")).doesNotExist();
    assertThat(model(saved.resolve("dense.checkpoint.zip"), "resnet").numParams()).isPositive();
    assertThat(PruningCheckpoint.load(pruned).computationGraph().numParams()).isPositive();

    Result resumed = run(command("two", "--network", "resnet", "--resume"));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out()).contains("dense: resumed after epoch 4");
    for (String name : List.of("dense.zip", "pruned.zip")) {
      assertThat(model(folder.resolve("two/resnet").resolve(name), "resnet").params())
          .isEqualTo(model(folder.resolve("one/resnet").resolve(name), "resnet").params());
    }
  }

  @Test
  void badInputIsOneLine() {
    refused("expected --data, but it is not given", "cifar10");
    refused(
        "'download' lets DL4J fetch it", "cifar10", "--data", folder.resolve("nowhere").toString());
    refused("--network must name each network once", command("x", "--network", "vgg,vgg"));
    refused("--train-images must be 1 or more", command("x", "--train-images", "0"));
    refused("expected at least 55 images", command("x", "--train-images", "55"));
    refused("--final-learning-rate must be above 0", command("x", "--final-learning-rate", "1"));
    refused("--learning-rate must be a finite number", command("x", "--learning-rate", "0"));
    refused("--l2 must be a finite number", command("x", "--l2", "-1"));
    assertThat(folder.resolve("x")).doesNotExist();
  }

  /** VGG alone has such a layer; neither network is trained before that is said. */
  @Test
  void aRecipeThatDoesNotFitIsRefusedAtOnce() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            "schedule: {constant: {sparsity: 0.5}}\nparameters: {layers: conv64b}\n");
    Result result = run(command("x", "--recipe", recipe.toString()));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("ResNet-8: ", "conv64b").hasLineCount(1);
    assertThat(folder.resolve("x/vgg/saved/checkpoint-settings.txt")).doesNotExist();

    Result vgg =
        run(command("y", "--recipe", recipe.toString(), "--network", "vgg", "--no-augmentation"));
    assertThat(vgg.code()).as(vgg.err()).isZero();
  }

  @Test
  void whatOneNetworkHasSavedStaysWhereTheOtherIsRefused() throws IOException {
    String saved = folder.resolve("saved").toString();
    Result resnet = run(command("x", "--network", "resnet", "--checkpoint", saved));
    assertThat(resnet.code()).as(resnet.err()).isZero();

    refused("found checkpoints of this job", command("x", "--checkpoint", saved));
    assertThat(folder.resolve("saved/vgg/checkpoint-settings.txt")).doesNotExist();
    refused(
        "found those of one with",
        command("x", "--network", "resnet", "--checkpoint", saved, "--resume", "--seed", "2"));
    Files.delete(folder.resolve("fruit/train/pear/0003.png"));
    refused(
        "found those of one with",
        command("x", "--network", "resnet", "--checkpoint", saved, "--resume"));
  }

  private static void refused(String message, String... command) {
    refused(message, List.of(command));
  }

  private static void refused(String message, List<String> command) {
    Result result = run(command);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(message).hasLineCount(1);
  }
}
