package io.github.dl4jpruning;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.checkpoint.PruningCheckpointListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.testing.Invariants;
import io.github.dl4jpruning.testing.Networks;
import io.github.dl4jpruning.testing.Networks.Kind;
import io.github.dl4jpruning.testing.Networks.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** The samples of docs/training-everywhere.md and of the README are compiled and run here. */
class TrainingEverywhereTest {

  private static final Path ROOT = Path.of("..");

  @TempDir Path folder;

  private static DataSetIterator train() {
    return new ListDataSetIterator<DataSet>(Recipe.of(Kind.DENSE).batch(1).asList(), 2);
  }

  private static PruningListener ramp() {
    return PruningListener.builder()
        .schedule(SparsitySchedules.linear(0, .5, 1, 6))
        .updateEvery(1)
        .build();
  }

  private static void saving(
      MultiLayerNetwork network,
      PruningListener pruning,
      Path folder,
      DataSetIterator train,
      int epochs) {
    // sample
    pruning.attachTo(network);
    network.addListeners(
        PruningCheckpointListener.builder(folder, pruning).everyEpochs(1).keepLast(3).build());
    network.fit(train, epochs);
    // end
  }

  private static MultiLayerNetwork goingOn(Path folder) throws IOException {
    // sample
    PruningCheckpoint loaded =
        PruningCheckpoint.load(PruningCheckpointListener.latest(folder).orElseThrow());
    MultiLayerNetwork network = loaded.multiLayerNetwork();
    // end
    return network;
  }

  private static void readme(
      MultiLayerNetwork network, PruningListener pruning, Path file, DataSetIterator train)
      throws IOException {
    // sample
    PruningCheckpoint.save(network, pruning, file); // one zip, which stock DL4J reads too
    PruningCheckpoint loaded = PruningCheckpoint.load(file);
    loaded.multiLayerNetwork().fit(train); // the same bits as if it had never stopped
    // end
    network.fit(train);
    assertThat(Invariants.bits(loaded.network())).isEqualTo(Invariants.bits(network));
  }

  private static void watching(PruningListener pruning) {
    // sample
    pruning.addEventListener(
        new PruningEventListener() {
          @Override
          public void onMasksUpdated(MasksUpdated event) {
            System.out.println(event.iteration() + ": " + event.sparsity());
          }
        });
    // end
  }

  @Test
  void theSamplesDoWhatThePageSays() throws IOException {
    MultiLayerNetwork network =
        Networks.withDropout(new org.nd4j.linalg.learning.config.Adam(0.01));
    PruningListener pruning = ramp();
    watching(pruning);
    saving(network, pruning, folder, train(), 4);
    MultiLayerNetwork loaded = goingOn(folder);
    assertThat(Invariants.bits(loaded)).isEqualTo(Invariants.bits(network));
    assertThat(loaded.getEpochCount()).isEqualTo(4);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(3);
    }
    network.setListeners(pruning);
    // Dropout draws from one generator: the two trainings must not take turns.
    MultiLayerNetwork plain = Recipe.of(Kind.DENSE).build();
    PruningListener second = ramp();
    second.attachTo(plain);
    plain.fit(train(), 2);
    readme(plain, second, folder.resolve("one.zip"), train());
  }

  @Test
  void theSamplesAreThoseOfThePages() throws IOException {
    String pages =
        Files.readString(ROOT.resolve("docs/training-everywhere.md"))
            + Files.readString(ROOT.resolve("README.md"));
    String source =
        Files.readString(
            Path.of("src/test/java")
                .resolve(TrainingEverywhereTest.class.getName().replace('.', '/') + ".java"));
    List<String> samples = new ArrayList<>();
    Matcher matcher =
        Pattern.compile("// sample\n(.*?)\n\\s*// end\n", Pattern.DOTALL).matcher(source);
    while (matcher.find()) {
      samples.add(matcher.group(1).stripIndent().strip());
    }
    assertThat(samples).hasSize(4);
    assertThat(samples).allSatisfy(sample -> assertThat(pages).contains(sample));
  }

  @Test
  void linksAndPicturesAreThere() throws IOException {
    Path page = ROOT.resolve("docs/training-everywhere.md");
    Matcher links = Pattern.compile("\\]\\((?!https?:)([^)#]+)").matcher(Files.readString(page));
    while (links.find()) {
      assertThat(page.getParent().resolve(links.group(1))).exists();
    }
  }
}
