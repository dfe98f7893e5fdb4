package io.github.dl4jpruning;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rooms, which are packages of the core, stay what their descriptions promise. Dependencies are
 * counted by types in the class files: imports do not show those inside one package.
 *
 * <p>Plain JUnit tests: with ArchUnit's own engine, Surefire ran the class, counted no test, and
 * passed whatever was broken.
 */
class ArchitectureTest {

  private static final String ROOT = "io.github.dl4jpruning";

  /** The room of the classes that are in no room of their own. */
  private static final String FACE = "(root)";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importUrl(PruningListener.class.getProtectionDomain().getCodeSource().getLocation());

  /** Which rooms a room may know. A room that is not here may not exist. */
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          // Pure rooms: plain values and arrays.
          Map.entry("schedule", Set.of()),
          Map.entry("report", Set.of()),
          Map.entry("select", Set.of()),
          Map.entry("codec", Set.of()),
          Map.entry("reconstruct", Set.of()),
          Map.entry("score", Set.of("select")),
          Map.entry("mask", Set.of("select")),
          Map.entry("allocate", Set.of("mask", "schedule", "select")),
          Map.entry("recipe", Set.of("allocate", "mask", "schedule", "score", "select")),
          Map.entry("io", Set.of("mask", "score")),
          // Rooms that know networks.
          Map.entry("model", Set.of("mask", "select")),
          Map.entry("batches", Set.of("model")),
          Map.entry("activations", Set.of("batches", "mask", "model", "reconstruct", "select")),
          Map.entry("shrink", Set.of("mask", "model", "report", "select")),
          Map.entry("watch", Set.of("mask", "model", "recipe", "select")),
          Map.entry(
              "plan",
              Set.of(
                  "activations",
                  "allocate",
                  "io",
                  "mask",
                  "model",
                  "recipe",
                  "score",
                  "select",
                  "shrink")),
          Map.entry(
              FACE,
              Set.of(
                  "allocate",
                  "io",
                  "mask",
                  "model",
                  "plan",
                  "recipe",
                  "report",
                  "schedule",
                  "score",
                  "select",
                  "watch")),
          // Rooms that build on pruning while training.
          Map.entry("replicas", Set.of(FACE, "mask", "model", "plan", "select", "watch")),
          Map.entry("checkpoint", Set.of(FACE, "io", "model", "watch")),
          Map.entry(
              "oneshot",
              Set.of(
                  "activations",
                  "allocate",
                  "batches",
                  "mask",
                  "model",
                  "plan",
                  "reconstruct",
                  "report",
                  "score",
                  "select")),
          Map.entry("compact", Set.of(FACE, "codec", "io", "mask", "model", "report", "select")),
          Map.entry(
              "rounds",
              Set.of(
                  "allocate",
                  "batches",
                  "io",
                  "mask",
                  "model",
                  "plan",
                  "report",
                  "schedule",
                  "watch")),
          Map.entry(
              "iterative",
              Set.of(
                  FACE,
                  "batches",
                  "checkpoint",
                  "io",
                  "mask",
                  "model",
                  "plan",
                  "report",
                  "rounds",
                  "schedule",
                  "score",
                  "recipe")),
          Map.entry(
              "structured",
              Set.of(
                  FACE,
                  "allocate",
                  "batches",
                  "io",
                  "mask",
                  "model",
                  "plan",
                  "recipe",
                  "report",
                  "rounds",
                  "score",
                  "select",
                  "shrink")),
          Map.entry(
              "tune",
              Set.of(
                  FACE,
                  "allocate",
                  "batches",
                  "checkpoint",
                  "io",
                  "mask",
                  "model",
                  "plan",
                  "recipe",
                  "report",
                  "rounds",
                  "schedule",
                  "score",
                  "select")));

  static Set<String> rooms() {
    return CLASSES.stream()
        .map(ArchitectureTest::room)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String room(JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith(ROOT)) {
      return "";
    }
    return name.equals(ROOT) ? FACE : name.substring(ROOT.length() + 1).split("\\.", 2)[0];
  }

  private static DescribedPredicate<JavaClass> inRooms(String description, Set<String> rooms) {
    return DescribedPredicate.describe(description, type -> rooms.contains(room(type)));
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomKnowsTheRoomsBelowIt(String room) {
    assertThat(MAY_KNOW).containsKey(room);
    Set<String> others = new TreeSet<>(rooms());
    others.removeAll(MAY_KNOW.get(room));
    others.remove(room);

    noClasses()
        .that(inRooms("are in " + room, Set.of(room)))
        .should(dependOnClassesThat(inRooms("are in one of " + others, others)))
        .allowEmptyShould(false)
        .check(CLASSES);
  }

  /** The core is no engine: of the runtime it uses what reads bytes. */
  @Test
  void ofTheRuntimeOnlyItsReaderIsKnown() {
    noClasses()
        .that(inRooms("are outside of codec and compact", allBut("codec", "compact")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..runtime..")
        .check(CLASSES);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.dl4jpruning.runtime")
        .check(CLASSES);
  }

  @Test
  void theTableHasNoRoomThatIsGone() {
    assertThat(MAY_KNOW.keySet()).isEqualTo(rooms());
  }

  @Test
  void roomsHaveNoCycle() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return room(type).isEmpty()
                    ? SliceIdentifier.ignore()
                    : SliceIdentifier.of(room(type));
              }

              @Override
              public String getDescription() {
                return "rooms, the root included";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void theRootHasNoCycleInside() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return room(type).equals(FACE)
                    ? SliceIdentifier.of(topLevel(type).getSimpleName())
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "top-level classes of the root package";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  private static JavaClass topLevel(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::topLevel).orElse(type);
  }

  @Test
  void pureRoomsKnowNoNetwork() {
    noClasses()
        .that(
            inRooms(
                "are in a pure room",
                Set.of(
                    "select", "score", "allocate", "mask", "io", "codec", "reconstruct", "report")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
        .because("the maths is kept apart from DL4J")
        .check(CLASSES);
  }

  @Test
  void schedulesKnowOnlyISchedule() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".schedule..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.deeplearning4j..",
            "org.bytedeco..",
            "org.nd4j.linalg.api..",
            "org.nd4j.linalg.factory..")
        .check(CLASSES);
  }

  @Test
  void recipesKnowNoNetwork() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".recipe..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..", "org.nd4j.linalg.api..", "java.lang.reflect..")
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .because("nothing is made from a name that stands in a file")
        .check(CLASSES);
  }

  @Test
  void arraysAreTouchedInModelOnly() {
    noClasses()
        .that(
            inRooms(
                "are outside of model, batches and activations",
                allBut("model", "batches", "activations")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.nd4j.linalg.api..",
            "org.nd4j.linalg.factory..",
            "org.nd4j.linalg.ops..",
            "org.nd4j.linalg.indexing..",
            "org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void parametersAreWrittenInModelOnly() {
    noClasses()
        .that(inRooms("are outside of model", allBut("model")))
        .should()
        .callMethodWhere(
            target(
                nameMatching(
                    "setParam.*|setUpdater.*|setBackpropGradientsViewArray|params|paramTable"
                        + "|gradient|getParam|getGradientsViewArray|getFlattenedGradients")))
        .check(CLASSES);
    noClasses()
        .that(inRooms("are outside of model and batches", allBut("model", "batches")))
        .should()
        .callMethodWhere(target(nameMatching("fit")))
        .because("only batches train a network")
        .check(CLASSES);
  }

  private static Set<String> allBut(String... rooms) {
    Set<String> others = new TreeSet<>(rooms());
    others.removeAll(Set.of(rooms));
    return others;
  }

  @Test
  void nothingPublicIsLeftInTheRunOfTheListener() {
    classes()
        .that()
        .resideInAPackage(ROOT)
        .and()
        .haveSimpleNameStartingWith("PruningRun")
        .or()
        .haveSimpleName("PruningProgress")
        .should()
        .bePackagePrivate()
        .check(CLASSES);
  }

  @Test
  void noJavaSerialisation() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.Object(In|Out)putStream")
        .check(CLASSES);
  }
}
