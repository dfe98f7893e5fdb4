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

/** Lists the parts of a layer's configuration, so that a message can name one. */
final class ConfigurationParts {

  /**
   * A part.
   *
   * @param path from the layer's configuration to the part, such as {@code layer.iUpdater}
   * @param declared the type of the field that holds the part
   * @param value the part
   */
  record Part(String path, Class<?> declared, Object value) {}

  private final List<Part> parts = new ArrayList<>();
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private ConfigurationParts() {}

  /** Returns all objects inside; each comes after the object that holds it. */
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
            // Not accessible; a message names the part that holds it.
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

  /** Returns whether an object is a part, and not a value, an array or a collection. */
  static boolean isPart(Object object) {
    return object != null
        && !object.getClass().isArray()
        && !(object instanceof Enum<?>)
        && !(object instanceof INDArray)
        && !object.getClass().getName().startsWith("java.");
  }
}
