package io.github.dl4jpruning.examples.data;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * Images in three disjoint parts: for training, for choosing (validation), and for the final
 * measurement (test).
 *
 * @param origin the origin of the images, in words
 * @param train the training images
 * @param validation the validation images, taken from the training images by a fixed rule
 * @param test the test images, used once, at the end
 */
public record ImageData(String origin, Images train, Images validation, Images test) {

  /**
   * Returns the format of all images.
   *
   * @return the format of the training images
   */
  public ImageFormat format() {
    return train.format();
  }

  /**
   * Returns a short text that tells apart two data sets at the same location.
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
