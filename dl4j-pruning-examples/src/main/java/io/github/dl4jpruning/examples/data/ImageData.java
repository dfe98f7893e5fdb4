package io.github.dl4jpruning.examples.data;

/**
 * Images in three parts that share none: those that train, those that choose (validation), and
 * those that nothing is chosen by (test).
 *
 * @param origin where they come from, in words
 * @param train for training
 * @param validation cut from the training images by a fixed rule
 * @param test looked at once, at the end
 */
public record ImageData(String origin, Images train, Images validation, Images test) {

  /**
   * What all of them have in common.
   *
   * @return the format of the training images
   */
  public ImageFormat format() {
    return train.format();
  }
}
