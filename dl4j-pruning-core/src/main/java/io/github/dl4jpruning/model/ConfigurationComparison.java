package io.github.dl4jpruning.model;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonIgnoreProperties;

/**
 * Compares two configurations field by field.
 *
 * <p>DL4J's own {@code equals} is not enough: it ignores some fields (the axis of a merge), and a
 * user-defined part may not implement it. Fields that a class excludes from its JSON and transient
 * fields, such as the state of a used dropout, are not compared.
 */
final class ConfigurationComparison {

  /**
   * A field that differs.
   *
   * @param path from the configuration to the field, such as {@code confs[0].layer.iUpdater}
   * @param expected the value in the first configuration
   * @param found the value in the second
   */
  record Difference(String path, String expected, String found) {
    @Override
    public String toString() {
      return path + ": expected " + expected + ", but found " + found;
    }
  }

  private static final int LONGEST_VALUE = 100;

  /** The package of DL4J's own parts. */
  private static final String DL4J = "org.deeplearning4j.nn.conf.";

  /**
   * Fields of DL4J's parts that do not change the network: the initial bias of an LSTM (written to
   * JSON but not read), and products that preprocessors compute when they are used.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("forgetGateBiasInit", "shape", "product");

  private final IdentityHashMap<Object, Object> seen = new IdentityHashMap<>();

  /** Layers inside frozen layers: DL4J loses their constraints, and never applies them. */
  private final Set<Object> constrainedInVain = Collections.newSetFromMap(new IdentityHashMap<>());

  private @Nullable Difference difference;
  private boolean updatersEqual = true;

  private ConfigurationComparison() {}

  /**
   * Compares two configurations or parts of them.
   *
   * @param expected the first
   * @param found the second
   * @return the finished comparison
   */
  static ConfigurationComparison of(Object expected, Object found) {
    ConfigurationComparison comparison = new ConfigurationComparison();
    comparison.compare("", expected, found);
    return comparison;
  }

  /** Returns the first field that differs. */
  Optional<Difference> difference() {
    return Optional.ofNullable(difference);
  }

  /**
   * Returns whether each updater also {@code equals} its counterpart. DL4J lays out the state of
   * neighbouring parameters with equal updaters in one block.
   */
  boolean updatersEqual() {
    return updatersEqual;
  }

  private void compare(String path, @Nullable Object expected, @Nullable Object found) {
    if (difference != null || expected == found) {
      return;
    }
    if (expected == null || found == null) {
      differ(path, expected, found);
    } else if (expected instanceof Map<?, ?> map && found instanceof Map<?, ?> other) {
      compareMaps(path, map, other);
    } else if (expected instanceof Set<?> set && found instanceof Set<?> other) {
      differUnless(set.equals(other), path, expected, found);
    } else if (expected instanceof Collection<?> all && found instanceof Collection<?> others) {
      compareElements(path, all.iterator(), all.size(), others.iterator(), others.size());
    } else if (expected instanceof INDArray array && found instanceof INDArray other) {
      boolean equal = array.dataType() == other.dataType() && array.equals(other);
      differUnless(equal, path, expected, found);
    } else if (expected.getClass() != found.getClass()) {
      differ(path, expected.getClass().getName(), found.getClass().getName());
    } else if (expected.getClass().isArray()) {
      List<Object> all = elements(expected);
      List<Object> others = elements(found);
      compareElements(path, all.iterator(), all.size(), others.iterator(), others.size());
    } else if (isValue(expected)) {
      differUnless(expected.equals(found), path, expected, found);
    } else if (seen.put(expected, found) == null) {
      if (expected instanceof IUpdater && !expected.equals(found)) {
        updatersEqual = false;
      }
      compareFields(path, expected, found);
    }
  }

  private static boolean isValue(Object object) {
    // The fields of JDK classes are not accessible, so only equals can compare them.
    return object instanceof Enum<?> || object.getClass().getName().startsWith("java.");
  }

  private static List<Object> elements(Object array) {
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      elements.add(Array.get(array, i));
    }
    return elements;
  }

  private void compareElements(
      String path, Iterator<?> expected, int size, Iterator<?> found, int otherSize) {
    differUnless(size == otherSize, path, size + " elements", otherSize + " elements");
    for (int i = 0; i < size && difference == null; i++) {
      compare(path + "[" + i + "]", expected.next(), found.next());
    }
  }

  private void compareMaps(String path, Map<?, ?> expected, Map<?, ?> found) {
    differUnless(expected.keySet().equals(found.keySet()), path, expected.keySet(), found.keySet());
    for (Map.Entry<?, ?> entry : expected.entrySet()) {
      if (difference == null) {
        compare(path + "[" + entry.getKey() + "]", entry.getValue(), found.get(entry.getKey()));
      }
    }
  }

  private void compareFields(String path, Object expected, Object found) {
    Set<String> ignored = ignored(expected.getClass());
    if (expected instanceof FrozenLayer frozen) {
      constrainedInVain.add(frozen.getLayer());
    } else if (expected instanceof FrozenLayerWithBackprop frozen) {
      constrainedInVain.add(frozen.getUnderlying());
    } else if (constrainedInVain.contains(expected)) {
      ignored.add("constraints");
    }
    Map<String, Object> ofSubclasses = new HashMap<>();
    for (Class<?> type = expected.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (counts(field) && !ignored.contains(field.getName())) {
          String name = path.isEmpty() ? field.getName() : path + "." + field.getName();
          try {
            field.setAccessible(true);
            Object value = field.get(expected);
            if (!repeats(type, ofSubclasses, field.getName(), value)) {
              compare(name, value, field.get(found));
            }
            ofSubclasses.putIfAbsent(field.getName(), value);
          } catch (InaccessibleObjectException | IllegalAccessException e) {
            // The class is in a module that is not open, so only its equals can compare.
            differUnless(Objects.equals(expected, found), path, expected, found);
          }
        }
      }
    }
  }

  /**
   * Returns whether a field only repeats the field of the same name in a subclass, as the size of
   * DL4J's upsampling layers does. JSON has it once, and the superclass does not read it.
   */
  private static boolean repeats(
      Class<?> type, Map<String, Object> ofSubclasses, String name, @Nullable Object value) {
    return type.getName().startsWith(DL4J)
        && ofSubclasses.containsKey(name)
        && Objects.deepEquals(ofSubclasses.get(name), value);
  }

  private static boolean counts(Field field) {
    int left = Modifier.STATIC | Modifier.TRANSIENT;
    return (field.getModifiers() & left) == 0
        && !field.isSynthetic()
        && !field.isAnnotationPresent(JsonIgnore.class);
  }

  private static Set<String> ignored(Class<?> type) {
    Set<String> names = new HashSet<>();
    for (Class<?> t = type; t != null; t = t.getSuperclass()) {
      JsonIgnoreProperties left = t.getDeclaredAnnotation(JsonIgnoreProperties.class);
      if (left != null) {
        names.addAll(Arrays.asList(left.value()));
      }
      if (t.getName().startsWith(DL4J)) {
        names.addAll(WITHOUT_EFFECT);
      }
    }
    return names;
  }

  private void differUnless(boolean same, String path, Object expected, Object found) {
    if (!same) {
      differ(path, expected, found);
    }
  }

  private void differ(String path, @Nullable Object expected, @Nullable Object found) {
    if (difference == null) {
      difference = new Difference(path, text(expected), text(found));
    }
  }

  private static String text(@Nullable Object value) {
    String text = String.valueOf(value).replaceAll("\\s+", " ");
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }
}
