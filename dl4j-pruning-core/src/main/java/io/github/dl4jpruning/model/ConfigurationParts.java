package io.github.dl4jpruning.model;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Lists what a layer's configuration is made of, to name a part in a message. */
final class ConfigurationParts {

  /**
   * A part.
   *
   * @param path from the layer's configuration to it, such as {@code layer.iUpdater}
   * @param declared the type of the field that holds it
   * @param value the part
   */
  record Part(String path, Class<?> declared, Object value) {}

  private final List<Part> parts = new ArrayList<>();
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private ConfigurationParts() {}

  /** All objects inside, each behind the one that holds it. */
  static List<Part> of(Object configuration) {
    ConfigurationParts found = new ConfigurationParts();
    found.addFields("", configuration);
    return found.parts;
  }

  private void addFields(String path, Object object) {
    for (Class<?> type = object.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0) {
          String name = path.isEmpty() ? field.getName() : path + "." + field.getName();
          try {
            field.setAccessible(true);
            add(name, field.getType(), field.get(object));
          } catch (InaccessibleObjectException | IllegalAccessException e) {
            // It is not ours to look at; the part that holds it is named.
          }
        }
      }
    }
  }

  private void add(String path, Class<?> declared, Object value) {
    if (value instanceof Collection<?> elements) {
      int i = 0;
      for (Object element : elements) {
        add(path + "[" + i++ + "]", element == null ? Object.class : element.getClass(), element);
      }
    } else if (isPart(value) && seen.add(value)) {
      parts.add(new Part(path, declared, value));
      addFields(path, value);
    }
  }

  /** Whether an object is a part of a configuration, and not a value, an array or a collection. */
  static boolean isPart(Object object) {
    return object != null
        && !object.getClass().isArray()
        && !(object instanceof Enum<?>)
        && !(object instanceof INDArray)
        && !object.getClass().getName().startsWith("java.");
  }
}
