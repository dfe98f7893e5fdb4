package io.github.dl4jpruning.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

class ReplicaRunTest {

  @Test
  void aReplicaTakesTheMasksOfCoupledChannels() {
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.constant(0.3))
            .pattern(SparsityPattern.coupledChannels())
            .build();
    Recipe recipe = Recipe.of(Kind.DENSE);
    MultiLayerNetwork network = recipe.build();
    pruning.attachTo(network);
    for (int step = 0; step < 5; step++) {
      network.fit(recipe.batch(step));
    }
    MultiLayerNetwork replica = network.clone();
    ReplicaRun follower = new ReplicaRun(pruning.config().choices(), replica);
    replica.params().addi(1); // as if it had moved

    follower.startWith(pruning.masks());

    assertThat(Invariants.zeroWeights(network).cardinality()).isPositive();
    assertThat(Invariants.zeroWeights(replica)).isEqualTo(Invariants.zeroWeights(network));
  }
}
