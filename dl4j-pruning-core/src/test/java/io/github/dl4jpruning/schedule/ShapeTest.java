package io.github.dl4jpruning.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void eachShapeIsTheScheduleOfItsName() {
    assertThat(Shape.POLYNOMIAL.schedule(0.8, 10, 50))
        .isEqualTo(SparsitySchedules.polynomial(0.0, 0.8, 10, 50));
    assertThat(Shape.LINEAR.schedule(0.8, 10, 50))
        .isEqualTo(SparsitySchedules.linear(0.0, 0.8, 10, 50));
    assertThat(Shape.EXPONENTIAL.schedule(0.8, 10, 50))
        .isEqualTo(SparsitySchedules.exponential(0.0, 0.8, 10, 50));
    assertThat(Shape.COSINE.schedule(0.8, 10, 50))
        .isEqualTo(SparsitySchedules.cosine(0.0, 0.8, 10, 50));
    assertThat(Shape.ONE_CYCLE.schedule(0.8, 10, 50))
        .isEqualTo(SparsitySchedules.oneCycle(0.0, 0.8, 10, 50));
    assertThat(Shape.ONE_SHOT.schedule(0.8, 10, 50)).isEqualTo(SparsitySchedules.oneShot(0.8, 10));
    assertThat(Shape.CONSTANT.schedule(0.8, 10, 50)).isEqualTo(SparsitySchedules.constant(0.8));
  }

  @Test
  void onlyTwoShapesAreOneUpdate() {
    for (Shape shape : Shape.values()) {
      boolean sudden = shape == Shape.ONE_SHOT || shape == Shape.CONSTANT;
      assertThat(shape.isSudden()).as("%s", shape).isEqualTo(sudden);
    }
  }

  @Test
  void namesAreThoseOfTheCommandLine() {
    assertThat(Shape.ONE_CYCLE).hasToString("one-cycle");
    assertThat(Shape.POLYNOMIAL).hasToString("polynomial");
  }
}
