package io.github.dl4jpruning.recipe;

import io.github.dl4jpruning.recipe.RecipeNode.Choice;
import io.github.dl4jpruning.schedule.CosineSchedule;
import io.github.dl4jpruning.schedule.DenseSparseDenseSchedule;
import io.github.dl4jpruning.schedule.ExponentialSchedule;
import io.github.dl4jpruning.schedule.OneCycleSchedule;
import io.github.dl4jpruning.schedule.OneShotSchedule;
import io.github.dl4jpruning.schedule.PolynomialSchedule;
import io.github.dl4jpruning.schedule.SparsitySchedule;
import io.github.dl4jpruning.schedule.StepwiseSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Schedules in a recipe: {@code polynomial: {from: 0, to: 0.9, begin: 2 epochs, end: 10 epochs}}. A
 * point in training is a number of iterations, or of epochs if it says so; all points of a schedule
 * count the same.
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

  /** Points that count the same. */
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

  /**
   * Reads a schedule.
   *
   * @param node where it stands
   * @return the schedule
   * @throws IllegalArgumentException if it is none
   */
  public static SparsitySchedule read(RecipeNode node) {
    Choice choice =
        node.choice(
            "polynomial",
            "linear",
            "exponential",
            "cosine",
            "oneCycle",
            "stepwise",
            "oneShot",
            "constant",
            "denseSparseDense");
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
      default -> ramp(choice.name(), of);
    };
  }

  private static SparsitySchedule ramp(String name, RecipeNode of) {
    switch (name) {
      case "polynomial" -> of.only("from", "to", "begin", "end", "power");
      case "stepwise" -> of.only("from", "to", "begin", "end", "steps");
      default -> of.only("from", "to", "begin", "end");
    }
    double from = of.optional("from").map(RecipeNode::number).orElse(0.0);
    double to = of.field("to").number();
    Points points = Points.of(of, "begin", "end");
    ScheduleType type = points.type();
    int begin = points.at(0);
    int end = points.at(1);
    double power = of.optional("power").map(RecipeNode::number).orElse(3.0);
    int steps = name.equals("stepwise") ? of.field("steps").whole() : 1;
    return of.made(
        () ->
            switch (name) {
              case "polynomial" -> new PolynomialSchedule(type, from, to, begin, end, power);
              case "linear" -> new PolynomialSchedule(type, from, to, begin, end, 1.0);
              case "exponential" -> new ExponentialSchedule(type, from, to, begin, end);
              case "cosine" -> new CosineSchedule(type, from, to, begin, end);
              case "oneCycle" -> new OneCycleSchedule(type, from, to, begin, end);
              default -> new StepwiseSchedule(type, from, to, begin, end, steps);
            });
  }

  /**
   * Writes a schedule.
   *
   * @param schedule one of this library
   * @return what {@link #read} reads
   * @throws IllegalArgumentException if it is another
   */
  public static JsonNode write(ISchedule schedule) {
    if (schedule instanceof PolynomialSchedule s) {
      ObjectNode ramp = ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end());
      return s.power() == 1.0
          ? Recipes.named("linear", ramp)
          : Recipes.named("polynomial", ramp.put("power", s.power()));
    } else if (schedule instanceof ExponentialSchedule s) {
      return Recipes.named(
          "exponential", ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end()));
    } else if (schedule instanceof CosineSchedule s) {
      return Recipes.named("cosine", ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end()));
    } else if (schedule instanceof OneCycleSchedule s) {
      return Recipes.named(
          "oneCycle", ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end()));
    } else if (schedule instanceof StepwiseSchedule s) {
      return Recipes.named(
          "stepwise",
          ramp(s.scheduleType(), s.from(), s.to(), s.begin(), s.end()).put("steps", s.steps()));
    } else if (schedule instanceof OneShotSchedule s) {
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
    throw Recipes.unnamed("schedule", schedule);
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
