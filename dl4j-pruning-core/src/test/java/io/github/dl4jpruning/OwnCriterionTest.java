package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.score.ImportanceCriterion;
import io.github.dl4jpruning.score.WeightTensor;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;

/** What docs/write-your-own-criterion.md shows is compiled and run here, line by line. */
class OwnCriterionTest {

  // sample: saliency
  /** Optimal brain damage with the squared gradient in place of the second derivative: w²·g². */
  record Saliency() implements ImportanceCriterion {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] g = tensor.gradients();
      for (int i = 0; i < w.length; i++) {
        w[i] = w[i] * w[i] * g[i] * g[i];
      }
      return w;
    }
  }

  // end

  // sample: distance
  /** How far a weight has come: |w − w₀|. */
  record Distance() implements ImportanceCriterion {
    @Override
    public double[] score(WeightTensor tensor) {
      double[] w = tensor.weights();
      double[] first = tensor.initialWeights();
      for (int i = 0; i < w.length; i++) {
        w[i] = Math.abs(w[i] - first[i]);
      }
      return w;
    }

    @Override
    public Set<Memory> remembers() {
      return Set.of(Memory.INITIAL_WEIGHTS);
    }
  }

  // end

  @Test
  void theCriteriaOfThePagePrune() {
    for (ImportanceCriterion criterion :
        new ImportanceCriterion[] {new Saliency(), new Distance()}) {
      Recipe recipe = Recipe.of(Kind.DENSE);
      MultiLayerNetwork network = recipe.build();
      PruningListener pruning =
          // sample: use
          PruningListener.builder()
              .schedule(SparsitySchedules.polynomial(0.0, 0.8, 2, 10))
              .updateEvery(2)
              .criterion(criterion)
              .build();
      // end
      pruning.attachTo(network);
      for (int t = 0; t < 12; t++) {
        network.fit(recipe.batch(t));
      }
      assertThat(SparsityReport.of(network).sparsity()).isBetween(0.79, 0.81);
    }
  }

  @Test
  void thePageShowsWhatIsRunHere() throws IOException {
    String page = Files.readString(Path.of("../docs/write-your-own-criterion.md"));
    String own =
        Files.readString(Path.of("src/test/java/io/github/dl4jpruning/OwnCriterionTest.java"));
    Matcher samples =
        Pattern.compile("// sample: \\w+\\n(.*?)\\n\\s*// end\\n", Pattern.DOTALL).matcher(own);
    int count = 0;
    while (samples.find()) {
      assertThat(page).contains(samples.group(1).stripIndent().strip());
      count++;
    }
    assertThat(count).isEqualTo(3);
    String blocks =
        Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(block -> block.group(1).strip())
            .collect(Collectors.joining("\n---\n"));
    assertThat(blocks.split("\n---\n")).as("every block on the page is a sample").hasSize(3);
  }
}
