package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.charts.WidthsChart;
import io.github.dl4jpruning.console.Interruption;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.RoundProgress;
import io.github.dl4jpruning.console.TrainingFailedException;
import io.github.dl4jpruning.models.NetworkForm;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import io.github.dl4jpruning.shrink.ShrinkReport.Width;
import io.github.dl4jpruning.structured.StructuredPruner;
import io.github.dl4jpruning.structured.StructuredPruningResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes a network smaller, and compares it with the original: removes units that are dead, and with
 * a target also units that matter least, with fine-tuning in between.
 *
 * @param file the file of the model
 * @param form the form of the network; empty if it has several inputs or leaves its input open
 * @param normalizer the normaliser that is written with the networks
 * @param scored the data; empty to compare no scores
 * @param rounds how units are removed; empty to remove only dead ones
 * @param shrinker removes dead units
 * @param folder the folder for results
 * @param out where the job prints
 */
public record ShrinkJob(
    Path file,
    Optional<NetworkForm> form,
    Optional<DataNormalization> normalizer,
    Optional<ScoredData> scored,
    Optional<Rounds> rounds,
    NetworkShrinker shrinker,
    OutputFolder folder,
    PrintWriter out) {

  /** The network before. */
  public static final String BEFORE = "before.zip";

  /** The smaller network. */
  public static final String AFTER = "after.zip";

  /** The figures. */
  public static final String REPORT = "report.json";

  /** The widths of all layers before and after. */
  public static final String CHART = "chart.png";

  private static final String ROUNDS = "rounds";

  /**
   * How units are removed.
   *
   * @param pruner the pruner; the job adds the score, the folder and the progress
   * @param dense the training before that
   * @param identity everything that decides the outcome
   */
  public record Rounds(StructuredPruner.Builder pruner, DenseTraining dense, String identity) {}

  /**
   * Runs the job.
   *
   * @param network the network; changed
   * @param resume whether to go on with the rounds in the folder
   * @throws IOException if a file cannot be read or written, or the rounds are those of another run
   * @throws TrainingFailedException if a training diverged, or the target cannot be met
   */
  public void run(Model network, boolean resume) throws IOException, TrainingFailedException {
    Model before = network;
    Model pruned = network;
    if (rounds.isPresent()) {
      RunState state = new RunState(folder.path().resolve(RunState.NAME), rounds.get().identity());
      state.begin(file, resume);
      try (Interruption hint = state.hint()) {
        before =
            rounds
                .get()
                .dense()
                .run(
                    network,
                    scored.orElseThrow(),
                    state.folder().resolve(DenseTraining.CHECKPOINT),
                    out);
        StructuredPruningResult<Model> result = prune(rounds.get(), before, state.folder());
        out.println();
        out.println(result);
        pruned = result.network();
      }
    }
    NetworkShrinker.Shrunk<Model> shrunk = shrinker.apply(pruned);
    if (rounds.isEmpty()) {
      out.println(shrunk.report());
    }
    show(before, shrunk.network());
  }

  private StructuredPruningResult<Model> prune(Rounds how, Model before, Path state)
      throws IOException, TrainingFailedException {
    Nd4j.getRandom().setSeed(how.dense().seed() + 1);
    ScoredData data = scored.orElseThrow();
    try (RoundProgress progress =
        new RoundProgress(
            data.data().training().count(), out, data.metric().toString(), data.metric()::format)) {
      return how.pruner()
          .scoreCalculator(data.data().validation(data.metric()))
          .inputTypes(data.data().form().input())
          .directory(state.resolve(ROUNDS))
          .runName(how.identity())
          .addListener(progress)
          .build()
          .prune(before, data.data().training());
    } catch (IllegalArgumentException e) { // a target that cannot be met
      throw new TrainingFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void show(Model before, Model after) throws IOException {
    ShrinkComparison comparison =
        ShrinkComparison.of(
            new ShrinkComparison.Side(before, NetworkZip.write(folder, BEFORE, before, normalizer)),
            new ShrinkComparison.Side(after, NetworkZip.write(folder, AFTER, after, normalizer)),
            form,
            scored);
    out.println(comparison.table());
    comparison.agreement().ifPresent(text -> out.println(text + "\n"));
    if (rounds.isEmpty()) {
      ShrinkAdvice.of(file, before, after).ifPresent(out::println);
    }
    Path report = folder.write(REPORT, to -> to.write(comparison.json()));
    Path chart = draw(before, after);
    out.println("models   " + folder.path().resolve(BEFORE) + ", " + folder.path().resolve(AFTER));
    out.println("report   " + report);
    out.println("chart    " + chart);
    out.flush();
  }

  private Path draw(Model before, Model after) throws IOException {
    List<Width> widths = widths(before);
    List<Integer> had = widths.stream().map(Width::before).toList();
    List<Integer> left = widths(after).stream().map(Width::before).toList();
    return folder.write(
        CHART,
        to ->
            WidthsChart.write(
                had.equals(left)
                    ? "Widths before and after: no channel could be removed"
                    : "Widths before and after",
                widths.stream().map(Width::layer).toList(),
                had,
                left,
                to));
  }

  private static List<Width> widths(Model network) {
    return NetworkShrinker.builder().build().apply(network).report().layers();
  }
}
