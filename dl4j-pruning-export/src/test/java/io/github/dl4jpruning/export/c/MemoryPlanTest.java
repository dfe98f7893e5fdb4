package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

  private static List<MemoryPlan.Life> random(Random random) {
    List<MemoryPlan.Life> lives = new ArrayList<>();
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      int from = random.nextInt(10);
      lives.add(new MemoryPlan.Life(random.nextInt(50), from, from + random.nextInt(4)));
    }
    return lives;
  }

  /** The sum of what is needed at the busiest moment: no plan can be smaller. */
  private static int least(List<MemoryPlan.Life> lives) {
    int least = 0;
    for (int moment = 0; moment < 20; moment++) {
      int now = moment;
      int sum =
          lives.stream()
              .filter(life -> life.from() <= now && now <= life.until())
              .mapToInt(MemoryPlan.Life::size)
              .sum();
      least = Math.max(least, sum);
    }
    return least;
  }

  @Test
  void shouldKeepApartWhatLivesAtTheSameTime() {
    Random random = new Random(1);
    int exact = 0;
    for (int round = 0; round < 2_000; round++) {
      List<MemoryPlan.Life> lives = random(random);
      MemoryPlan plan = MemoryPlan.of(lives);
      for (int a = 0; a < lives.size(); a++) {
        assertThat(plan.offset(a)).isNotNegative();
        assertThat(plan.offset(a) + lives.get(a).size()).isLessThanOrEqualTo(plan.size());
        for (int b = 0; b < a; b++) {
          boolean together = lives.get(a).meets(lives.get(b));
          boolean apart =
              plan.offset(a) + lives.get(a).size() <= plan.offset(b)
                  || plan.offset(b) + lives.get(b).size() <= plan.offset(a);
          assertThat(!together || apart).as("%s: %d and %d", lives, a, b).isTrue();
        }
      }
      int least = least(lives);
      assertThat(plan.size()).isBetween(least, least + least / 4);
      exact += plan.size() == least ? 1 : 0;
    }
    assertThat(exact).isGreaterThan(1_950);
  }

  @Test
  void shouldTakeTheLeastForAChain() {
    Random random = new Random(2);
    for (int round = 0; round < 500; round++) {
      List<MemoryPlan.Life> chain = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(15); i++) {
        chain.add(new MemoryPlan.Life(1 + random.nextInt(100), i, i + 1));
      }
      assertThat(MemoryPlan.of(chain).size()).as(chain.toString()).isEqualTo(least(chain));
    }
  }

  @Test
  void shouldTakeNothingForNothing() {
    assertThat(MemoryPlan.of(List.of()).size()).isZero();
  }
}
