package io.github.dl4jpruning.examples.data;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

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

  /**
   * All of it in a few words, to tell one set from another at the same place.
   *
   * @return the sizes of the parts and a checksum of all images, labels and names of classes
   */
  public String fingerprint() {
    CRC32 sum = new CRC32();
    sum.update(String.join("\n", format().classes()).getBytes(StandardCharsets.UTF_8));
    for (Images part : List.of(train, validation, test)) {
      for (byte[] image : part.images()) {
        sum.update(image);
      }
      sum.update(part.labels());
    }
    return String.format(
        Locale.ROOT,
        "%d + %d + %d, %08x",
        train.size(),
        validation.size(),
        test.size(),
        sum.getValue());
  }
}
