package io.github.dl4jpruning.compact;

import io.github.dl4jpruning.PruningListener;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link CompactModelSerializer} accepts.
 *
 * @param mostParameters the most parameters accepted; checked before memory is allocated
 * @param allowedClasses full names of classes that a configuration may name besides DL4J's own,
 *     such as a user's layers
 * @param expressions whether the configuration of a {@link PruningListener} may select layers by
 *     regular expressions, some of which never terminate
 */
public record RestoreOptions(
    long mostParameters, List<String> allowedClasses, boolean expressions) {

  /** A gigabyte in FLOAT. */
  private static final long DEFAULT_PARAMETERS = 1L << 28;

  /** Checks the number and copies the list. */
  public RestoreOptions {
    if (mostParameters < 0) {
      throw new IllegalArgumentException(
          "mostParameters must be 0 or more, but is " + mostParameters);
    }
    allowedClasses = List.copyOf(allowedClasses);
  }

  /**
   * Networks of at most 268 million parameters, with DL4J's own classes, and no regular
   * expressions.
   *
   * @return the options
   */
  public static RestoreOptions defaults() {
    return new RestoreOptions(DEFAULT_PARAMETERS, List.of(), false);
  }

  /**
   * Returns these options with another limit. A file of a few bytes may represent many zero
   * parameters.
   *
   * @param parameters the most parameters accepted
   * @return new options
   */
  public RestoreOptions withMostParameters(long parameters) {
    return new RestoreOptions(parameters, allowedClasses, expressions);
  }

  /**
   * Returns these options with another class allowed.
   *
   * @param trusted a class that DL4J may instantiate
   * @return new options
   */
  public RestoreOptions allowing(Class<?> trusted) {
    List<String> more = new ArrayList<>(allowedClasses);
    more.add(trusted.getName());
    return new RestoreOptions(mostParameters, more, expressions);
  }

  /**
   * Returns these options with regular expressions allowed, see {@code
   * ParameterFilter.layersMatching}.
   *
   * @return new options
   */
  public RestoreOptions allowingExpressions() {
    return new RestoreOptions(mostParameters, allowedClasses, true);
  }
}
