package io.github.dl4jpruning.checkpoint;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;

/** What the tests of checkpoints share. */
final class CheckpointFixtures {

  private CheckpointFixtures() {}

  static PruningListener.Builder ramp() {
    return PruningListener.builder().schedule(SparsitySchedules.linear(0, .7, 2, 9)).updateEvery(3);
  }
}
