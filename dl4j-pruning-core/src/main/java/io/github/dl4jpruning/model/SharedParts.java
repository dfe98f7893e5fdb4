package io.github.dl4jpruning.model;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Separates a clone from its original. DL4J's {@code clone} copies references, so a change to an
 * updater or a dropout in one network would affect both.
 */
final class SharedParts {

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private SharedParts() {}

  /**
   * Gives a clone its own parts.
   *
   * @param original the original; not changed
   * @param clone its clone; a part that cannot be copied stays shared
   */
  static void separate(Object original, Object clone) {
    new SharedParts().fields(original, clone);
  }

  private void fields(Object original, Object clone) {
    if (original.getClass() != clone.getClass() || !seen.add(clone)) {
      return;
    }
    for (Class<?> type = clone.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0) {
          try {
            field.setAccessible(true);
            Object before = field.get(original);
            Object after = separated(before, field.get(clone));
            if (after != field.get(clone)) {
              field.set(clone, after);
            }
          } catch (InaccessibleObjectException | IllegalAccessException e) {
            // Not accessible; its parts stay shared.
          }
        }
      }
    }
  }

  private Object separated(Object original, Object clone) {
    if (original instanceof List<?> before && clone instanceof List<?> after) {
      List<Object> elements = new ArrayList<>();
      for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
        elements.add(separated(before.get(i), after.get(i)));
      }
      return elements;
    } else if (!ConfigurationParts.isPart(original) || !ConfigurationParts.isPart(clone)) {
      return clone;
    }
    Object own = original == clone ? copyOf(original) : clone;
    if (own != original) {
      fields(original, own);
    }
    return own;
  }

  /** Copies by {@code clone}, or else through JSON; returns the part itself if neither works. */
  private static Object copyOf(Object part) {
    try {
      Object clone = part.getClass().getMethod("clone").invoke(part);
      if (clone != null && clone.getClass() == part.getClass()) {
        return clone;
      }
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      // It has no public clone method.
    }
    return copyThroughJson(part, part.getClass());
  }

  private static <T> Object copyThroughJson(Object part, Class<T> type) {
    return ConfigurationCopy.throughJson(type.cast(part), type)
        .filter(copy -> ConfigurationComparison.of(part, copy).difference().isEmpty())
        .map(Object.class::cast)
        .orElse(part);
  }
}
