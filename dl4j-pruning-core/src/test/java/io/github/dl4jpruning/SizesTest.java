package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Files, methods and the root package stay small enough to be read at a glance. */
class SizesTest {

  private static final int LONGEST_FILE = 400;
  private static final int LONGEST_METHOD = 40;
  private static final int FILES_OF_THE_ROOT = 12;

  @Test
  void theRootPackageIsSmall() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/java/io/github/dl4jpruning"))) {
      assertThat(files.filter(Files::isRegularFile).count()).isLessThanOrEqualTo(FILES_OF_THE_ROOT);
    }
  }

  /** The main code of the core, what all tests share, and the tests of every module. */
  private static List<Path> sourceRoots() throws IOException {
    List<Path> roots = new ArrayList<>();
    roots.add(Path.of("src/main/java"));
    roots.add(Path.of("../dl4j-pruning-testing/src/main/java"));
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      modules.map(m -> m.resolve("src/test/java")).filter(Files::isDirectory).forEach(roots::add);
    }
    assertThat(roots).contains(Path.of("../dl4j-pruning-parallel/src/test/java"));
    return roots;
  }

  @Test
  void filesAreShort() throws IOException {
    List<String> longFiles = new ArrayList<>();
    for (Path root : sourceRoots()) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          long lines;
          try (Stream<String> all = Files.lines(file)) {
            lines = all.count();
          }
          if (lines > LONGEST_FILE) {
            longFiles.add(file + ": " + lines);
          }
        }
      }
    }
    assertThat(longFiles).isEmpty();
  }

  /** Tables of cases, and loops that are read from top to bottom: see docs/design-decisions.md. */
  private static final Set<String> LONG_METHODS =
      Set.of(
          "DistributionRecipe.read",
          "PatternRecipe.read",
          "FilterRecipe.read",
          "FlowReader.read",
          "LayerReader.read",
          "RoundPlan.next",
          "LowestScores.removeWithin",
          "LampRanking.removals",
          "TargetsDistribution.allocate",
          "NetworkShrinker.shrunk",
          "CheckpointReader.read");

  @Test
  void methodsAreShort() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Set<String> found = new TreeSet<>();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null);
        Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      List<Path> sources = files.filter(f -> f.toString().endsWith(".java")).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        String type = Path.of(unit.getSourceFile().getName()).getFileName().toString();
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getBody() != null) {
              long first = positions.getStartPosition(unit, method.getBody());
              long last = positions.getEndPosition(unit, method);
              LineMap lines = unit.getLineMap();
              if (lines.getLineNumber(last) - lines.getLineNumber(first) + 1 > LONGEST_METHOD) {
                found.add(type.replace("java", "") + method.getName());
              }
            }
            return super.visitMethod(method, null);
          }
        }.scan(unit, null);
      }
    }
    assertThat(found).isSubsetOf(LONG_METHODS);
  }
}
