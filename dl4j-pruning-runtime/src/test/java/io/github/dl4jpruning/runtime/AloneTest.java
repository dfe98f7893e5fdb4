package io.github.dl4jpruning.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a model as on a small device: with little memory, and with this library only. */
class AloneTest {

  /** The program of the fresh JVM; it prints the outputs. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      SparseModel model = SparseModel.load(Paths.get(arguments[0]));
      float[] output = model.newSession().run(Golden.input(model.inputs().get(0).length()));
      StringBuilder text = new StringBuilder();
      for (float value : output) {
        text.append(value).append(' ');
      }
      System.out.println(text);
    }
  }

  @Test
  void shouldRunInAFreshJvmWithThirtyTwoMegabytes(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("model"), Golden.IMAGES.bytes());
    String classes = folderOf(SparseModel.class) + File.pathSeparator + folderOf(AloneTest.class);
    Process process =
        new ProcessBuilder(
                Paths.get(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "--limit-modules",
                "java.base",
                "-cp",
                classes,
                Main.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String printed;
    try (InputStream out = process.getInputStream()) {
      printed = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(process.waitFor()).as(printed).isZero();
    SparseModel here = SparseModel.load(new ByteArrayInputStream(Golden.IMAGES.bytes()));
    StringBuilder expected = new StringBuilder();
    for (float value : here.newSession().run(Golden.input(here.inputs().get(0).length()))) {
      expected.append(value).append(' ');
    }
    assertThat(printed.trim()).isEqualTo(expected.toString().trim());
  }

  private static String folderOf(Class<?> type) throws Exception {
    return Paths.get(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
