package io.github.dl4jpruning.export.c;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A C compiler of this machine, which compiles what {@link CExporter} writes, so that it can be run
 * and measured here.
 *
 * @param command the program, and options that come first, as in {@code gcc -m32}
 */
public record CCompiler(List<String> command) {

  private static final List<String> OPTIONS =
      List.of("-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic");
  private static final long SECONDS = 300;
  private static final String PROBE =
      """
      #include <math.h>
      #include <stdint.h>
      #include <stdio.h>
      #include <time.h>
      int main(void)
      {
        return (int)sqrt((double)(clock() * 0));
      }
      """;

  /** Copies the list. */
  public CCompiler {
    command = List.copyOf(command);
  }

  /**
   * Looks for a compiler: {@code cc}, {@code gcc} or {@code clang}.
   *
   * @return a compiler that can make programs for this machine; empty if there is none, or on
   *     Windows, where programs would read other bytes than were written
   */
  public static Optional<CCompiler> find() {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows")) {
      return Optional.empty();
    }
    return List.of("cc", "gcc", "clang").stream()
        .map(name -> new CCompiler(List.of(name)))
        .filter(CCompiler::works)
        .findFirst();
  }

  /** Returns whether it makes programs that run here. */
  private boolean works() {
    @Nullable Path folder = null;
    try {
      folder = Files.createTempDirectory("compiler");
      Path source = Files.writeString(folder.resolve("a.c"), PROBE);
      Path program = folder.resolve("a");
      link(program, source);
      return run(List.of(program.toString())).code() == 0;
    } catch (IOException e) {
      return false;
    } finally {
      CompiledProgram.delete(folder);
    }
  }

  /** What a program printed, and its exit code. */
  private record Result(int code, String output) {}

  /** Runs a program; its output goes to a file, so that a limit of time can hold. */
  private static Result run(List<String> command) throws IOException {
    Path output = Files.createTempFile("compiler", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new IOException(command.get(0) + " did not end within " + SECONDS + " seconds");
        }
        return new Result(process.exitValue(), Files.readString(output));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while " + command.get(0) + " ran", e);
      } finally {
        process.destroyForcibly();
      }
    } finally {
      Files.delete(output);
    }
  }

  /** Compiles a file. */
  void compile(Path source, Path object) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(OPTIONS);
    all.addAll(List.of("-c", source.toString(), "-o", object.toString()));
    require(all);
  }

  /** Makes a program. */
  void link(Path program, Path... sources) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(OPTIONS);
    Arrays.stream(sources).map(Path::toString).forEach(all::add);
    all.addAll(List.of("-o", program.toString(), "-lm"));
    require(all);
  }

  private static void require(List<String> command) throws IOException {
    Result result = run(command);
    if (result.code() != 0) {
      throw new IOException(String.join(" ", command) + " failed:\n" + result.output());
    }
  }

  /** Returns the sections of an object file, if {@code size} can tell them. */
  static Optional<SectionSizes> sections(Path object) {
    try {
      Result result = run(List.of("size", "-A", object.toString()));
      return result.code() == 0 ? SectionSizes.parse(result.output()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
