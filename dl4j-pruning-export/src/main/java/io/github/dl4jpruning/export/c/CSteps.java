package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.InferencePlan;
import io.github.dl4jpruning.export.Operation;
import io.github.dl4jpruning.export.ValueShape;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Adds the statements of all steps of a plan, and decides how long each value is kept. */
final class CSteps {

  private final InferencePlan plan;
  private final List<ValueShape> shapes;
  private final CBody body;
  private final CFunctions functions;
  private final CTables tables;
  private final CPorts ports;

  /** Where the values are. */
  private final Place[] places;

  CSteps(
      InferencePlan plan,
      List<ValueShape> shapes,
      CBody body,
      CFunctions functions,
      CTables tables,
      CPorts ports) {
    this.plan = plan;
    this.shapes = shapes;
    this.body = body;
    this.functions = functions;
    this.tables = tables;
    this.ports = ports;
    this.places = new Place[shapes.size()];
  }

  /**
   * Adds all statements.
   *
   * @param stepwise whether the statements are for one time step; operations that are needed only
   *     after the last time step then come last
   */
  void add(WeightFormat weights, boolean stepwise) {
    List<Integer> order = order(stepwise);
    int[] last = lastUses(order);
    CMatrices matrices = new CMatrices(functions, tables, weights);
    CActivations activations = new CActivations(body, functions);
    CPlanes planes = new CPlanes(body, functions, tables, matrices, activations, plan, shapes);
    CRecurrent recurrent = new CRecurrent(body, functions, tables, matrices, activations, stepwise);
    CTranslator translator =
        new CTranslator(body, functions, tables, matrices, planes, recurrent, activations);
    ports.read(places, last);
    boolean[] done = new boolean[plan.steps().size()];
    boolean later = false;
    for (int moment = 0; moment < order.size(); moment++) {
      int step = order.get(moment);
      body.setMoment(moment);
      if (stepwise && !later && !isSequence(step)) {
        later = true;
        ports.write(true, places);
        body.add("if (!last) {");
        body.add("return 0;");
        body.add("}");
      }
      Optional<Integer> pool = poolBehind(step);
      if (pool.isPresent()) {
        addPooled(step, pool.get(), last, planes);
        done[pool.get()] = true;
      } else if (!done[step]) {
        comment(step);
        places[value(step)] =
            translator
                .add(plan.steps().get(step).layer(), operation(step), target(step, step, last))
                .place();
      }
    }
    body.setMoment(order.size());
    if (!later) {
      ports.write(true, places);
    }
    ports.write(false, places);
    ports.setHasLater(later);
  }

  private void comment(int step) {
    String name = operation(step).getClass().getSimpleName();
    String title = name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    body.add("/* %s: %s */", CNames.comment(plan.steps().get(step).layer()), title);
  }

  private int value(int step) {
    return plan.inputs().size() + step;
  }

  private Operation operation(int step) {
    return plan.steps().get(step).operation();
  }

  private boolean isSequence(int step) {
    return shapes.get(value(step)).sequence();
  }

  /** Returns the target of one step for what another one reads. */
  private Target target(int step, int reader, int... last) {
    List<Operand> read =
        plan.steps().get(reader).inputs().stream()
            .map(value -> new Operand(places[value], shapes.get(value)))
            .toList();
    int value = value(step);
    return new Target(body, shapes.get(value), last[value], ports.target(value), read);
  }

  private void addPooled(int step, int pool, int[] last, CPlanes planes) {
    comment(step);
    comment(pool);
    Target target = target(pool, step, last);
    places[value(pool)] =
        planes
            .pooledConvolution(
                plan.steps().get(step).layer(),
                (Operation.Convolution) operation(step),
                (Operation.Pooling) operation(pool),
                shapes.get(value(step)),
                target.read().get(0),
                target.fresh())
            .place();
  }

  /** Returns steps in the order in which they run: what each time step needs comes first. */
  private List<Integer> order(boolean stepwise) {
    return IntStream.range(0, plan.steps().size())
        .boxed()
        .sorted(Comparator.comparing(step -> stepwise && !isSequence(step)))
        .toList();
  }

  /** Returns the last moment when each value is needed. */
  private int[] lastUses(List<Integer> order) {
    int[] last = new int[shapes.size()];
    for (int moment = 0; moment < order.size(); moment++) {
      last[value(order.get(moment))] = moment;
      for (int value : plan.steps().get(order.get(moment)).inputs()) {
        last[value] = moment;
      }
    }
    plan.outputs().forEach(output -> last[output.value()] = Place.END);
    return last;
  }

  /** Returns the pooling that alone reads a convolution. */
  private Optional<Integer> poolBehind(int step) {
    int value = value(step);
    List<Integer> readers =
        IntStream.range(0, plan.steps().size())
            .filter(reader -> plan.steps().get(reader).inputs().contains(value))
            .boxed()
            .toList();
    boolean alone =
        readers.size() == 1 && plan.outputs().stream().noneMatch(o -> o.value() == value);
    return alone
            && operation(step) instanceof Operation.Convolution
            && operation(readers.get(0)) instanceof Operation.Pooling
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }
}
