package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Activation;
import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns recurrent layers into statements. A program that runs step by step keeps their state
 * between calls; in other programs the state begins with zeros in each call.
 */
final class CRecurrent {

  private static final int GATES = 4;

  private final CBody body;
  private final CFunctions functions;
  private final CTables tables;
  private final CMatrices matrices;
  private final CActivations activations;
  private final boolean stepwise;

  CRecurrent(
      CBody body,
      CFunctions functions,
      CTables tables,
      CMatrices matrices,
      CActivations activations,
      boolean stepwise) {
    this.body = body;
    this.functions = functions;
    this.tables = tables;
    this.matrices = matrices;
    this.activations = activations;
    this.stepwise = stepwise;
  }

  /** Memory between steps, all zero at first. */
  private Place state(int units) {
    if (stepwise) {
      return body.state(units);
    }
    Place place = body.scratch(units);
    zero(place, units);
    return place;
  }

  private void zero(Object place, int count) {
    body.add("%s(%s, %d, 0.0f);", functions.use("fill"), place, count);
  }

  /** h = activation(W·x + R·h' + b). */
  Operand simple(String layer, Operation.SimpleRecurrent simple, Operand x, Target out) {
    int units = simple.recurrent().columns();
    Place hidden = state(units);
    Place sums = body.scratch(units);
    Operand y = out.fresh();
    body.begin(y.items());
    beginUnmasked(simple.masked(), x, y, List.of(hidden), units);
    multiply(layer, "weights", simple.input(), bias(layer, simple.bias()), x.each(), sums);
    multiply(layer, "recurrent", simple.recurrent(), sums, hidden, sums);
    activations.add(simple.activation(), sums, units);
    copy(sums, hidden, units);
    copy(sums, y.each(), units);
    endUnmasked(simple.masked());
    body.end(y.items());
    return y;
  }

  /** An LSTM with the gates a, f, o, g: see the layer of the runtime. */
  Operand lstm(String layer, Operation.Lstm lstm, Operand x, Target out) {
    int units = lstm.recurrent().columns();
    Place hidden = state(units);
    Place cells = state(units);
    Place gates = body.scratch(GATES * units);
    Operand y = out.fresh();
    body.begin(y.items());
    beginUnmasked(lstm.masked(), x, y, List.of(hidden, cells), units);
    multiply(layer, "weights", lstm.input(), bias(layer, lstm.bias()), x.each(), gates);
    multiply(layer, "recurrent", lstm.recurrent(), gates, hidden, gates);
    String peepholes = tables.floats(layer, "peepholes", lstm.peepholes().values());
    boolean peeps = lstm.peepholes().isPresent();
    if (peeps) {
      peep(gates.at(units), peepholes, cells, units);
      peep(gates.at(3 * units), peepholes + " + " + 2 * units, cells, units);
    }
    activations.add(lstm.activation(), gates, units);
    gate(lstm.gate(), gates.at(units), units);
    gate(lstm.gate(), gates.at(3 * units), units);
    body.add("%s(%s, %s, %d);", functions.use("next_cells"), gates, cells, units);
    if (peeps) {
      peep(gates.at(2 * units), peepholes + " + " + units, cells, units);
    }
    gate(lstm.gate(), gates.at(2 * units), units);
    copy(cells, gates, units);
    activations.add(lstm.activation(), gates, units);
    body.add(
        "%s(%s, %s, %d);", functions.use("combine_product"), gates, gates.at(2 * units), units);
    copy(gates, hidden, units);
    copy(gates, y.each(), units);
    endUnmasked(lstm.masked());
    body.end(y.items());
    return y;
  }

  private void gate(Activation gate, Place place, int units) {
    activations.add(gate, place, units);
  }

  private String bias(String layer, Matrix bias) {
    return tables.floats(layer, "bias", bias.values());
  }

  private void multiply(
      String layer, String what, Matrix matrix, Object bias, Object from, Object to) {
    CMatrices.Call call = matrices.call("linear", layer, what, matrix);
    body.add("%s(%s, %s, %s, %s);", call.function(), call.arguments(), bias, from, to);
  }

  private void peep(Place gates, String peepholes, Place cells, int units) {
    body.add("%s(%s, %s, %s, %d);", functions.use("add_products"), gates, peepholes, cells, units);
  }

  private void copy(Object from, Object to, int count) {
    body.add("%s(%s, %s, %d);", functions.use("copy"), from, to, count);
  }

  /** A masked step gives zeros and resets the state. */
  private void beginUnmasked(
      Optional<Float> masked, Operand x, Operand y, List<Place> states, int units) {
    if (masked.isEmpty()) {
      return;
    }
    String value = CTables.number(masked.get());
    body.add("if (%s(%s, %d, %s)) {", functions.use("masked"), x.each(), x.item(), value);
    List<Object> cleared = new ArrayList<>(states);
    cleared.add(y.each());
    cleared.forEach(place -> zero(place, units));
    body.add("} else {");
  }

  private void endUnmasked(Optional<Float> masked) {
    if (masked.isPresent()) {
      body.add("}");
    }
  }
}
