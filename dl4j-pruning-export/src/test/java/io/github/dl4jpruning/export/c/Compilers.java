package io.github.dl4jpruning.export.c;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The C compiler of the machine that tests run on. */
public final class Compilers {

  private Compilers() {}

  /** Returns the compiler; without one, the test is skipped and says why. */
  public static CCompiler required() {
    Optional<CCompiler> found = CCompiler.find();
    assumeTrue(found.isPresent(), "skipped: no C compiler (cc, gcc or clang) on this machine");
    List<String> command = new ArrayList<>(found.orElseThrow().command());
    command.add("-Werror");
    return new CCompiler(command);
  }
}
