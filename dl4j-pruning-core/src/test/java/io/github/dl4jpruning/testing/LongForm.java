package io.github.dl4jpruning.testing;

/**
 * Some tests have two forms: a short one for {@code mvn verify}, and a long one that tries every
 * combination, with {@code -Pfull-matrix}.
 */
public final class LongForm {

  private LongForm() {}

  /** Whether the long form runs. */
  public static boolean isOn() {
    return Boolean.getBoolean("pruning.fullMatrix");
  }

  /** A number for each form. */
  public static int choose(int shortForm, int longForm) {
    return isOn() ? longForm : shortForm;
  }
}
