package io.github.dl4jpruning.tune;

import io.github.dl4jpruning.allocate.SparsityDistribution;
import io.github.dl4jpruning.plan.PruningChoices;
import io.github.dl4jpruning.recipe.CriterionRecipe;
import io.github.dl4jpruning.recipe.DistributionRecipe;
import io.github.dl4jpruning.recipe.FilterRecipe;
import io.github.dl4jpruning.recipe.Fingerprint;
import io.github.dl4jpruning.recipe.PatternRecipe;
import io.github.dl4jpruning.recipe.RuleRecipe;
import io.github.dl4jpruning.recipe.ScheduleRecipe;
import io.github.dl4jpruning.report.TextTable;
import io.github.dl4jpruning.rounds.ScoreRule;
import io.github.dl4jpruning.tune.SweepSpace.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * The results of a {@link ScheduleSweep}. {@link #toString} gives a table, {@link #toCsv} the same
 * data for programs.
 *
 * @param denseScore the score of the network trained equally long without pruning
 * @param weights the number of weights of the network
 * @param minimizes whether a lower score is better
 * @param runs one run for each setting, in the order of the settings
 */
public record SweepResult(double denseScore, long weights, boolean minimizes, List<Run> runs) {

  private static final Map<String, String> DEFAULTS = inWords(PruningChoices.defaults());

  /** Copies the list. */
  public SweepResult {
    runs = List.copyOf(runs);
  }

  /**
   * The result of one setting.
   *
   * @param number the number of the setting, counted from 1
   * @param tried the setting; empty for the run without pruning, which only a {@link
   *     ScheduleSweep.RunListener} receives
   * @param nonZeros the number of weights that are not zero
   * @param sparsity the fraction of the weights that are zero
   * @param score the score after the last epoch; NaN if training diverged
   * @param epochs the number of trained epochs, without the dense epochs; 0 if not known
   * @param stopped whether the run was stopped at a rung, before the end of training. Its network
   *     may then be less sparse than the setting asks for, so the run is neither on the front nor
   *     the best
   */
  public record Run(
      int number,
      Optional<Setting> tried,
      long nonZeros,
      double sparsity,
      double score,
      int epochs,
      boolean stopped) {

    /**
     * Makes a run that was trained to the end.
     *
     * @param number the number of the setting, counted from 1
     * @param setting the setting
     * @param nonZeros the number of weights that are not zero
     * @param sparsity the fraction of the weights that are zero
     * @param score the score after the last epoch; NaN if training diverged
     */
    public Run(int number, Setting setting, long nonZeros, double sparsity, double score) {
      this(number, Optional.of(setting), nonZeros, sparsity, score, 0, false);
    }

    /** Returns this run, marked as stopped. */
    Run asStopped() {
      return new Run(number, tried, nonZeros, sparsity, score, epochs, true);
    }

    /**
     * Returns the setting of this run.
     *
     * @return the setting
     * @throws IllegalStateException if this is the run without pruning
     */
    public Setting setting() {
      return tried.orElseThrow(
          () ->
              new IllegalStateException(
                  "expected a run of a setting, but run "
                      + number
                      + " is the one without pruning, which has none"));
    }

    /**
     * Returns the schedule as text.
     *
     * @return one line, as in a recipe
     */
    public String schedule() {
      ISchedule schedule = setting().pruning().timing().schedule();
      return words(() -> ScheduleRecipe.write(schedule), schedule);
    }

    /**
     * Returns the distribution as text.
     *
     * @return one line, as in a recipe
     */
    public String distribution() {
      SparsityDistribution distribution = setting().pruning().distribution();
      return words(() -> DistributionRecipe.write(distribution), distribution);
    }

    /**
     * Returns the choices that a {@link SweepSpace} takes from its base, as text.
     *
     * @return one line each, as in a recipe, by the recipe's key: {@code criterion}, {@code
     *     pattern}, {@code rule} and {@code parameters}, in this order
     */
    public Map<String, String> choices() {
      return inWords(setting().pruning().choices());
    }
  }

  private static Map<String, String> inWords(PruningChoices pruning) {
    Map<String, String> choices = new LinkedHashMap<>();
    choices.put(
        "criterion", words(() -> CriterionRecipe.write(pruning.criterion()), pruning.criterion()));
    choices.put("pattern", flat(PatternRecipe.write(pruning.pattern()).toString()));
    choices.put("rule", flat(RuleRecipe.write(pruning.rule()).toString()));
    choices.put("parameters", flat(FilterRecipe.write(pruning.parameters()).toString()));
    return choices;
  }

  private static String words(Supplier<JsonNode> written, Object part) {
    return flat(Fingerprint.text(written, part));
  }

  private static String flat(String json) {
    String text = json.replace("\"", "").replace(":", ": ").replace(",", ", ");
    return text.startsWith("{") ? text.substring(1, text.length() - 1) : text;
  }

  /**
   * Returns which {@link Run#choices} are worth a column in a table.
   *
   * @return the keys of choices that differ from the default in some run, in the order of a recipe
   */
  public List<String> shownChoices() {
    return DEFAULTS.keySet().stream()
        .filter(
            key ->
                runs.stream()
                    .anyMatch(run -> !Objects.equals(run.choices().get(key), DEFAULTS.get(key))))
        .toList();
  }

  private ScoreRule rule() {
    return new ScoreRule(denseScore, minimizes);
  }

  private boolean better(double score, double than) {
    return rule().isBetter(score, than);
  }

  /**
   * Returns how much worse the score of a run is than the dense score.
   *
   * @param run one of the runs
   * @return the difference; negative if the run is better
   */
  public double drop(Run run) {
    return rule().drop(run.score());
  }

  /**
   * Returns the runs that are not dominated: no other run is at least as good in both the number of
   * weights left and the score, and better in one of them. Of several runs that are equal in both,
   * the first is on the front. Runs that were stopped or diverged are not.
   *
   * @return the Pareto front, by rising number of weights
   */
  public List<Run> paretoFront() {
    List<Run> sorted = new ArrayList<>(runs);
    sorted.removeIf(run -> run.stopped() || Double.isNaN(run.score()));
    Comparator<Run> byScore = Comparator.comparingDouble(Run::score);
    sorted.sort(
        Comparator.comparingLong(Run::nonZeros)
            .thenComparing(minimizes ? byScore : byScore.reversed()));
    List<Run> front = new ArrayList<>();
    for (Run run : sorted) {
      if (front.isEmpty() || better(run.score(), front.get(front.size() - 1).score())) {
        front.add(run);
      }
    }
    return front;
  }

  /**
   * Returns the recommended run.
   *
   * @param maxDrop how much worse than the dense network the score may be, 0 or more
   * @return the run with the fewest weights left among those within {@code maxDrop}; if there is
   *     none, the run with the best score; empty if all runs diverged or were stopped
   */
  public Optional<Run> best(double maxDrop) {
    List<Run> front = paretoFront();
    Optional<Run> good = front.stream().filter(run -> drop(run) <= maxDrop + 1e-12).findFirst();
    return good.isPresent() || front.isEmpty() ? good : Optional.of(front.get(front.size() - 1));
  }

  @Override
  public String toString() {
    List<String> choices = shownChoices();
    List<String> header = new ArrayList<>(List.of("run", "schedule", "every", "distribution"));
    header.addAll(choices);
    header.addAll(List.of("rate", "sparsity", "score", ""));
    TextTable table = new TextTable(header.toArray(String[]::new));
    List<Run> front = paretoFront();
    for (Run run : runs) {
      double rate = run.setting().learningRate();
      List<String> cells = new ArrayList<>();
      cells.add(String.valueOf(run.number()));
      cells.add(run.schedule());
      cells.add(String.valueOf(run.setting().pruning().timing().updateEvery()));
      cells.add(run.distribution());
      choices.forEach(key -> cells.add(run.choices().get(key)));
      cells.add(Double.isNaN(rate) ? "own" : String.valueOf(rate));
      cells.add(String.format(Locale.ROOT, "%.2f%%", 100.0 * run.sparsity()));
      cells.add(String.format(Locale.ROOT, "%.4f", run.score()));
      cells.add(
          run.stopped() ? "stopped after " + run.epochs() : front.contains(run) ? "front" : "");
      table.row(cells.toArray(String[]::new));
    }
    return table + String.format(Locale.ROOT, "dense: %.4f\n", denseScore);
  }

  /**
   * Returns all runs as CSV, one line each: run, schedule, updateEvery, distribution, criterion,
   * pattern, rule, parameters, learningRate (empty for the network's own), nonZeros, sparsity,
   * score, drop, epochs, stopped, pareto.
   *
   * @return CSV with a header
   */
  public String toCsv() {
    StringBuilder csv =
        new StringBuilder(
            "run,schedule,updateEvery,distribution,"
                + String.join(",", DEFAULTS.keySet())
                + ",learningRate,nonZeros,sparsity,score,drop,epochs,stopped,pareto\n");
    List<Run> front = paretoFront();
    for (Run run : runs) {
      double rate = run.setting().learningRate();
      csv.append(run.number()).append(",\"").append(run.schedule()).append("\",");
      csv.append(run.setting().pruning().timing().updateEvery()).append(",\"");
      csv.append(run.distribution()).append("\",");
      run.choices().values().forEach(text -> csv.append('"').append(text).append("\","));
      csv.append(Double.isNaN(rate) ? "" : rate);
      csv.append(',').append(run.nonZeros()).append(',').append(run.sparsity());
      csv.append(',').append(run.score()).append(',').append(drop(run));
      csv.append(',').append(run.epochs()).append(',').append(run.stopped());
      csv.append(',').append(front.contains(run)).append('\n');
    }
    return csv.toString();
  }
}
