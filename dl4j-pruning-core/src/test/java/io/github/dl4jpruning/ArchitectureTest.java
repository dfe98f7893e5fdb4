package io.github.dl4jpruning;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms stay what their package descriptions promise. */
@AnalyzeClasses(
    packages = "io.github.dl4jpruning",
    importOptions = {DoNotIncludeTests.class})
class ArchitectureTest {

  private static final String ROOT = "io.github.dl4jpruning";

  @ArchTest
  static final ArchRule pureRoomsKnowNoNetwork =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".select..",
              ROOT + ".score..",
              ROOT + ".allocate..",
              ROOT + ".mask..",
              ROOT + ".report..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
          .because("the maths is kept apart from DL4J");

  @ArchTest
  static final ArchRule schedulesKnowOnlyISchedule =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".schedule..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.deeplearning4j..",
              "org.bytedeco..",
              "org.nd4j.linalg.api..",
              "org.nd4j.linalg.factory..",
              ROOT + ".model..");

  @ArchTest
  static final ArchRule arraysAreTouchedInModelOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".model..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.nd4j.linalg.api..",
              "org.nd4j.linalg.factory..",
              "org.nd4j.linalg.ops..",
              "org.nd4j.linalg.indexing..",
              "org.bytedeco..")
          .because("parameters, gradients and updater state are written in one place");

  @ArchTest
  static final ArchRule nothingElseWritesThroughTheNetwork =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".model..")
          .should()
          .callMethodWhere(
              com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                  com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                      "setParam.*|setParams.*|setUpdater.*|setBackpropGradientsViewArray|fit")))
          .because("parameters are written in model alone");

  @ArchTest
  static final ArchRule oneWayThroughTheHouse =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule roomsDoNotKnowTheFace =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT);

  @ArchTest
  static final ArchRule noJavaSerialisation =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.io\\.Object(In|Out)putStream");
}
