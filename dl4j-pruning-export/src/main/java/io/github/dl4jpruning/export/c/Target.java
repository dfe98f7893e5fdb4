package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.ValueShape;
import java.util.List;
import java.util.Optional;

/**
 * Where the result of an operation goes.
 *
 * @param body the program
 * @param shape the shape of the result
 * @param until the last moment when it is read
 * @param output the array of the caller that takes it as it is, if there is one
 * @param read all values that the operation reads
 */
record Target(CBody body, ValueShape shape, int until, Optional<Place> output, List<Operand> read) {

  /** Returns a place of its own. */
  Operand fresh() {
    Operand shaped = new Operand(Place.of(""), shape);
    return shaped.in(output.orElseGet(() -> body.memory(shaped.size(), until)));
  }

  /** Returns the place of the first value, if nothing else needs it, or else a place of its own. */
  Operand inPlace() {
    Place first = read.get(0).place();
    boolean alone = read.stream().skip(1).noneMatch(other -> other.place().sharesMemory(first));
    return output.isEmpty() && alone && first.endsAt(body.moment()) ? same() : fresh();
  }

  /** Returns the place of the first value: the result is the same numbers. */
  Operand same() {
    return within(0);
  }

  /** Returns a place within that of the first value. */
  Operand within(int shift) {
    return new Operand(read.get(0).place().at(shift).until(until), shape);
  }
}
