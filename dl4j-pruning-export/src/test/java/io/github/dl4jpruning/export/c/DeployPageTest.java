package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples for microcontrollers in docs/deploy.md are compiled here. */
class DeployPageTest {

  private static final Path PAGE = Path.of("../docs/deploy.md");

  @TempDir private Path folder;

  private static String block(String language, String with) throws IOException {
    Matcher blocks =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    while (blocks.find()) {
      if (blocks.group(1).contains(with)) {
        return blocks.group(1);
      }
    }
    throw new AssertionError("no sample in " + language + " with " + with);
  }

  private CReport written(MultiLayerNetwork network) throws IOException {
    CReport report =
        CExporter.write(
            network,
            folder.resolve("firmware"),
            COptions.named("digits").withWeights(WeightFormat.EIGHT_BIT));
    System.out.println(report);
    return report;
  }

  @Test
  void shouldCompileWhatThePageShows() throws IOException {
    CCompiler compiler = Compilers.required();
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new OutputLayer.Builder().nIn(784).nOut(10).build())
                .build());
    network.init();
    assertThat(written(network).constantBytes()).isPositive();
    String own =
        Files.readString(
            Path.of("src/test/java", getClass().getName().replace('.', '/') + ".java"));
    String shown = block("java", "CExporter").strip().replaceAll("\\s+", " ");
    assertThat(
            own.replaceAll("\\s+", " ")
                .replace("folder.resolve(\"firmware\")", "Path.of(\"firmware\")"))
        .contains(shown);

    Path firmware = folder.resolve("firmware");
    Path user = Files.writeString(firmware.resolve("user.c"), block("c", "digits.h"));
    Path main =
        Files.writeString(
            firmware.resolve("main.c"),
            """
            void read_pixels(float *pixels);
            int recognised_digit(void);
            void read_pixels(float *pixels)
            {
              pixels[0] = 1.0f;
            }
            int main(void)
            {
              return recognised_digit() < 10 ? 0 : 1;
            }
            """);
    Path program = folder.resolve("program");
    compiler.link(program, user, main, firmware.resolve("digits.c"));
    assertThat(program).isExecutable();
  }
}
