package io.github.dl4jpruning.export;

import java.util.List;

/**
 * Intermediate activations in a plan that is being built.
 *
 * @param values the numbers of the values: several if a vertex has stacked examples
 * @param planes whether items are planes
 * @param steps whether items are time steps
 * @param channelsLast whether DL4J's array has channels last
 * @param folded whether DL4J's array has time steps along the axis of examples
 */
record Flowing(
    List<Integer> values, boolean planes, boolean steps, boolean channelsLast, boolean folded) {

  Flowing {
    values = List.copyOf(values);
  }

  Flowing at(List<Integer> others) {
    return new Flowing(others, planes, steps, channelsLast, folded);
  }

  Flowing asVectors(boolean inSteps) {
    return new Flowing(values, false, inSteps, channelsLast, folded);
  }

  Flowing asPlanes(boolean last) {
    return new Flowing(values, true, steps, last, folded);
  }

  Flowing withChannelsLast(boolean last) {
    return new Flowing(values, planes, steps, last, folded);
  }

  Flowing withFolded(boolean along) {
    return new Flowing(values, planes, steps, channelsLast, along);
  }
}
