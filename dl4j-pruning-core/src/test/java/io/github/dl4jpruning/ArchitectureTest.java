package io.github.dl4jpruning;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/**
 * The rooms stay what their package descriptions promise.
 *
 * <p>Plain JUnit tests: with ArchUnit's own engine, Surefire ran the class, counted no test, and
 * passed whatever was broken.
 */
class ArchitectureTest {

  private static final String ROOT = "io.github.dl4jpruning";

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

  @Test
  void pureRoomsKnowNoNetwork() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAnyPackage(
                ROOT + ".select..",
                ROOT + ".score..",
                ROOT + ".allocate..",
                ROOT + ".mask..",
                ROOT + ".io..",
                ROOT + ".report..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
            .because("the maths is kept apart from DL4J");

    rule.check(CLASSES);
  }

  @Test
  void schedulesKnowOnlyISchedule() {
    ArchRule rule =
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

    rule.check(CLASSES);
  }

  @Test
  void recipesKnowNoNetwork() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".recipe..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "org.deeplearning4j..", "org.nd4j.linalg.api..", "java.lang.reflect..")
            .orShould()
            .callMethod(Class.class, "forName", String.class)
            .because("nothing is made from a name that stands in a file");

    rule.check(CLASSES);
  }

  @Test
  void arraysAreTouchedInModelOnly() {
    ArchRule rule =
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

    rule.check(CLASSES);
  }

  @Test
  void nothingElseWritesThroughTheNetwork() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".model..")
            .should()
            .callMethodWhere(
                com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                    com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                        "setParam.*|setParams.*|setUpdater.*|setBackpropGradientsViewArray|fit")))
            .because("parameters are written in model alone");

    rule.check(CLASSES);
  }

  @Test
  void oneWayThroughTheHouse() {
    ArchRule rule = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    rule.check(CLASSES);
  }

  @Test
  void roomsDoNotKnowTheFace() {
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT);

    rule.check(CLASSES);
  }

  @Test
  void noJavaSerialisation() {
    ArchRule rule =
        noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.Object(In|Out)putStream");

    rule.check(CLASSES);
  }
}
