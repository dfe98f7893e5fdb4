package io.github.dl4jpruning.export.c;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The statements of a program, and the memory that they use. */
final class CBody {

  private static final String POINTER = "memory";
  private static final String INDENT = "  ";

  private final List<Supplier<String>> lines = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private final List<Place> states = new ArrayList<>();
  private final List<Integer> sizesOfStates = new ArrayList<>();
  private int moment;

  /** A part of a place for each item: the pointer moves by a distance with the variable t. */
  record Each(Place place, int items, int distance) {
    @Override
    public String toString() {
      return items == 1 ? place.toString() : place + " + t * " + distance;
    }
  }

  void setMoment(int operation) {
    moment = operation;
  }

  int moment() {
    return moment;
  }

  /** Adds a statement; its arguments become text when the memory is shared out. */
  void add(String format, Object... arguments) {
    lines.add(() -> String.format(Locale.ROOT, format, arguments));
  }

  /** Adds a statement for each item; {@link Each} arguments move with the items. */
  void addForEach(int items, String format, Object... arguments) {
    begin(items);
    add(format, arguments);
    end(items);
  }

  /** Begins a loop over items, if there are several. */
  void begin(int items) {
    if (items > 1) {
      add("for (int32_t t = 0; t < %d; t++) {", items);
    }
  }

  void end(int items) {
    if (items > 1) {
      add("}");
    }
  }

  /** Returns memory from now to a moment. */
  Place memory(int size, int until) {
    return reserve(Place.inMemory(POINTER, size, moment, until));
  }

  /** Returns memory for this operation alone. */
  Place scratch(int size) {
    return memory(size, moment);
  }

  /** Returns memory that keeps its content between calls, and is zero at first. */
  Place state(int size) {
    Place place = reserve(Place.inMemory(POINTER, size, -1, Place.END));
    states.add(place);
    sizesOfStates.add(size);
    return place;
  }

  private Place reserve(Place place) {
    places.add(place);
    return place;
  }

  List<Place> states() {
    return states;
  }

  int sizeOfState(int index) {
    return sizesOfStates.get(index);
  }

  /** Shares out the memory, and returns how many floats it has. */
  int place() {
    MemoryPlan plan = MemoryPlan.of(places.stream().map(Place::life).toList());
    for (int i = 0; i < places.size(); i++) {
      places.get(i).setOffset(plan.offset(i));
    }
    return plan.size();
  }

  /** Returns the statements with indents. */
  String text() {
    StringBuilder text = new StringBuilder();
    int depth = 1;
    for (Supplier<String> line : lines) {
      String statement = line.get();
      depth -= statement.startsWith("}") ? 1 : 0;
      text.append(INDENT.repeat(depth)).append(statement).append('\n');
      depth += statement.endsWith("{") ? 1 : 0;
    }
    return text.toString();
  }
}
