package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import io.github.dl4jpruning.schedule.CosineSchedule;
import io.github.dl4jpruning.schedule.DenseSparseDenseSchedule;
import io.github.dl4jpruning.schedule.ExponentialSchedule;
import io.github.dl4jpruning.schedule.OneCycleSchedule;
import io.github.dl4jpruning.schedule.OneShotSchedule;
import io.github.dl4jpruning.schedule.PolynomialSchedule;
import io.github.dl4jpruning.schedule.Ramp;
import io.github.dl4jpruning.schedule.Shape;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.StepwiseSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Schedules in a recipe: {@code polynomial: {from: 0, to: 0.9, begin: 2 epochs, end: 10 epochs}}. A
 * point in training is a number of iterations, or a number with the unit {@code epochs}; all points
 * of a schedule have the same unit.
 */
public final class ScheduleRecipe {

  private static final Pattern POINT =
      Pattern.compile("(0|[1-9]\\d{0,9})\\s*(iterations?|epochs?)?");

  private ScheduleRecipe() {}

  /** A point in training. */
  private record Point(ScheduleType type, int at) {
    static Point of(RecipeNode node) {
      String text =
          node.value().isIntegralNumber()
              ? node.value().asText()
              : node.value().isTextual() ? node.text().trim() : "";
      Matcher matcher = POINT.matcher(text);
      if (!matcher.matches() || Long.parseLong(matcher.group(1)) > Integer.MAX_VALUE) {
        throw node.wrong("a point in training, a whole number of iterations or '2 epochs'");
      }
      boolean epochs = matcher.group(2) != null && matcher.group(2).startsWith("epoch");
      return new Point(
          epochs ? ScheduleType.EPOCH : ScheduleType.ITERATION, Integer.parseInt(matcher.group(1)));
    }
  }

  /** Points with the same unit. */
  private record Points(ScheduleType type, List<Point> points) {
    int at(int index) {
      return points.get(index).at();
    }

    static Points of(RecipeNode node, String... names) {
      List<Point> points = Arrays.stream(names).map(name -> Point.of(node.field(name))).toList();
      for (int i = 1; i < points.size(); i++) {
        if (points.get(i).type() != points.get(0).type()) {
          throw node.field(names[i])
              .wrong(
                  "a point in the same unit as "
                      + names[0]
                      + " (both in iterations, or both in epochs)");
        }
      }
      return new Points(points.get(0).type(), points);
    }
  }

  /** Makes a ramp from the values of a recipe; the setting is that of {@link Form#setting}. */
  private interface Maker {
    SparsitySchedule make(
        ScheduleType type, double from, double to, int begin, int end, double setting);
  }

  /**
   * The recipe form of one kind of ramp.
   *
   * @param name its name in a recipe
   * @param fits whether a schedule is of this kind
   * @param setting the key of its additional number; empty for none
   * @param standard the default of the number; NaN if it is required
   * @param value gets the number from a schedule
   * @param maker makes a schedule
   */
  private record Form(
      String name,
      Predicate<ISchedule> fits,
      String setting,
      double standard,
      ToDoubleFunction<ISchedule> value,
      Maker maker) {

    Form(String name, Predicate<ISchedule> fits, Maker maker) {
      this(name, fits, "", Double.NaN, schedule -> Double.NaN, maker);
    }

    SparsitySchedule read(RecipeNode of) {
      List<String> keys = new ArrayList<>(List.of("from", "to", "begin", "end"));
      if (!setting.isEmpty()) {
        keys.add(setting);
      }
      of.only(keys.toArray(String[]::new));
      double from = of.optional("from").map(RecipeNode::number).orElse(0.0);
      double to = of.field("to").number();
      Points at = Points.of(of, "begin", "end");
      double number = setting.isEmpty() ? Double.NaN : setting(of);
      return of.made(() -> maker.make(at.type(), from, to, at.at(0), at.at(1), number));
    }

    private double setting(RecipeNode of) {
      return Double.isNaN(standard)
          ? of.field(setting).whole()
          : of.optional(setting).map(RecipeNode::number).orElse(standard);
    }

    JsonNode write(Ramp s) {
      ObjectNode details = ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end());
      if (!setting.isEmpty()) {
        double number = value.applyAsDouble(s);
        if (Double.isNaN(standard)) {
          details.put(setting, (int) number);
        } else {
          details.put(setting, number);
        }
      }
      return Recipes.named(name, details);
    }
  }

  /** All kinds of ramps. A new kind needs an entry here and in {@link Shape}. */
  private static final List<Form> RAMPS =
      List.of(
          new Form(
              "polynomial",
              s -> s instanceof PolynomialSchedule p && p.power() != 1.0,
              "power",
              3.0,
              s -> ((PolynomialSchedule) s).power(),
              PolynomialSchedule::new),
          new Form(
              "linear",
              s -> s instanceof PolynomialSchedule p && p.power() == 1.0,
              (type, from, to, begin, end, none) ->
                  new PolynomialSchedule(type, from, to, begin, end, 1.0)),
          new Form(
              "exponential",
              ExponentialSchedule.class::isInstance,
              (type, from, to, begin, end, none) ->
                  new ExponentialSchedule(type, from, to, begin, end)),
          new Form(
              "cosine",
              CosineSchedule.class::isInstance,
              (type, from, to, begin, end, none) -> new CosineSchedule(type, from, to, begin, end)),
          new Form(
              "oneCycle",
              OneCycleSchedule.class::isInstance,
              (type, from, to, begin, end, none) ->
                  new OneCycleSchedule(type, from, to, begin, end)),
          new Form(
              "stepwise",
              StepwiseSchedule.class::isInstance,
              "steps",
              Double.NaN,
              s -> ((StepwiseSchedule) s).steps(),
              (type, from, to, begin, end, steps) ->
                  new StepwiseSchedule(type, from, to, begin, end, (int) steps)));

  /**
   * Reads a schedule.
   *
   * @param node the place in the recipe
   * @return the schedule
   * @throws IllegalArgumentException if the value is not a schedule
   */
  public static SparsitySchedule read(RecipeNode node) {
    List<String> names = new ArrayList<>(RAMPS.stream().map(Form::name).toList());
    names.addAll(List.of("oneShot", "constant", "denseSparseDense"));
    Choice choice = node.choice(names.toArray(String[]::new));
    RecipeNode of = choice.details();
    return switch (choice.name()) {
      case "constant" -> {
        of.only("sparsity");
        double sparsity = of.field("sparsity").number();
        yield of.made(() -> new OneShotSchedule(ScheduleType.ITERATION, sparsity, 0));
      }
      case "oneShot" -> {
        of.only("sparsity", "at");
        double sparsity = of.field("sparsity").number();
        Points at = Points.of(of, "at");
        yield of.made(() -> new OneShotSchedule(at.type(), sparsity, at.at(0)));
      }
      case "denseSparseDense" -> {
        of.only("sparsity", "begin", "full", "release", "end");
        double sparsity = of.field("sparsity").number();
        Points at = Points.of(of, "begin", "full", "release", "end");
        yield of.made(
            () ->
                new DenseSparseDenseSchedule(
                    at.type(), sparsity, at.at(0), at.at(1), at.at(2), at.at(3)));
      }
      default ->
          RAMPS.stream()
              .filter(form -> form.name().equals(choice.name()))
              .findFirst()
              .orElseThrow()
              .read(of);
    };
  }

  /**
   * Writes a schedule.
   *
   * @param schedule a schedule of this library
   * @return a value that {@link #read} reads
   * @throws IllegalArgumentException if the schedule is not from this library
   */
  public static JsonNode write(ISchedule schedule) {
    if (schedule instanceof OneShotSchedule s) {
      ObjectNode details = Recipes.object().put("sparsity", s.sparsity());
      return s.at() == 0 && s.scheduleType() == ScheduleType.ITERATION
          ? Recipes.named("constant", details)
          : Recipes.named("oneShot", point(details, "at", s.scheduleType(), s.at()));
    } else if (schedule instanceof DenseSparseDenseSchedule s) {
      ObjectNode details = Recipes.object().put("sparsity", s.sparsity());
      point(details, "begin", s.scheduleType(), s.begin());
      point(details, "full", s.scheduleType(), s.full());
      point(details, "release", s.scheduleType(), s.release());
      return Recipes.named("denseSparseDense", point(details, "end", s.scheduleType(), s.end()));
    }
    return RAMPS.stream()
        .filter(form -> form.fits().test(schedule))
        .findFirst()
        .map(form -> form.write((Ramp) schedule))
        .orElseThrow(() -> Recipes.unnamed("schedule", schedule));
  }

  private static ObjectNode ramp(ScheduleType type, double from, double to, int begin, int end) {
    ObjectNode details = Recipes.object().put("from", from).put("to", to);
    point(details, "begin", type, begin);
    return point(details, "end", type, end);
  }

  private static ObjectNode point(ObjectNode details, String name, ScheduleType type, int at) {
    return type == ScheduleType.EPOCH ? details.put(name, at + " epochs") : details.put(name, at);
  }
}
