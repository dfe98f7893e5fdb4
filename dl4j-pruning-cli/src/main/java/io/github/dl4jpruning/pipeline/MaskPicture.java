package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.model.NetworkTopology;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A picture of the weights that are left: white paper stays transparent, so that it fits light and
 * dark pages.
 *
 * @param title what it shows
 * @param uri the picture as a data URI
 * @param width its width in cells
 * @param height its height in cells
 */
record MaskPicture(String title, String uri, int width, int height) {

  private static final int COLOUR = 0x2f7fd0;
  private static final int MOST_SIDE = 400;
  private static final int MOST_PICTURES = 8;
  private static final int MOST_KERNELS = 64;
  private static final int ALPHA = 24;

  static List<MaskPicture> of(Model network, PruneData data) {
    List<MaskPicture> pictures = new ArrayList<>();
    boolean first = true;
    NetworkTopology topology = NetworkTopology.of(network);
    for (int i = 0; i < topology.nodes().size(); i++) {
      NetworkTopology.Node node = topology.nodes().get(i);
      INDArray weights = weights(network, node.name(), i);
      if (weights == null || pictures.size() == MOST_PICTURES) {
        continue;
      }
      if (first && weights.rank() == 2 && data.data().isImages()) {
        image(node.name(), weights, data.form().input(), pictures);
      }
      first = false;
      if (weights.rank() == 4) {
        pictures.add(kernels(node.name(), weights));
      } else if (weights.rank() == 2) {
        pictures.add(matrix(node.name(), weights));
      }
    }
    return pictures;
  }

  private static @Nullable INDArray weights(Model network, String layer, int index) {
    Map<String, INDArray> all = network.paramTable();
    // Networks of layers number them; graphs name them.
    INDArray named = all.get(layer + "_W");
    return named == null ? all.get(index + "_W") : named;
  }

  /** How many units of the first layer read each pixel. */
  private static void image(
      String layer, INDArray weights, InputType input, List<MaskPicture> pictures) {
    int inputs = (int) weights.size(0);
    int height;
    int width;
    if (input instanceof InputType.InputTypeConvolutionalFlat flat) {
      height = (int) flat.getHeight();
      width = (int) flat.getWidth();
    } else {
      height = (int) Math.round(Math.sqrt(inputs));
      width = height;
    }
    int area = height * width;
    if (area < 64 || inputs % area != 0) {
      return;
    }
    double[] reads = new double[area];
    float[][] values = weights.toFloatMatrix();
    for (int i = 0; i < inputs; i++) {
      for (float value : values[i]) {
        reads[i % area] += value == 0f ? 0 : 1;
      }
    }
    pictures.add(picture("which pixels layer " + layer + " still reads", width, height, reads));
  }

  /** A matrix, inputs across, units down; large ones are averaged. */
  private static MaskPicture matrix(String layer, INDArray weights) {
    float[][] values = weights.toFloatMatrix();
    int step = 1 + (Math.max(values.length, values[0].length) - 1) / MOST_SIDE;
    int width = (values.length - 1) / step + 1;
    int height = (values[0].length - 1) / step + 1;
    double[] kept = new double[width * height];
    for (int i = 0; i < values.length; i++) {
      for (int u = 0; u < values[i].length; u++) {
        kept[u / step * width + i / step] += values[i][u] == 0f ? 0 : 1;
      }
    }
    return picture(
        String.format(
            Locale.ROOT,
            "layer %s: %d inputs across, %d units down",
            layer,
            values.length,
            values[0].length),
        width,
        height,
        kept);
  }

  /** Kernels of a convolution in a grid: output channels across, input channels down. */
  private static MaskPicture kernels(String layer, INDArray weights) {
    int across = (int) Math.min(MOST_KERNELS, weights.size(0));
    int down = (int) Math.min(MOST_KERNELS, weights.size(1));
    int kh = (int) weights.size(2);
    int kw = (int) weights.size(3);
    int width = across * (kw + 1) - 1;
    int height = down * (kh + 1) - 1;
    double[] kept = new double[width * height];
    for (int o = 0; o < across; o++) {
      for (int c = 0; c < down; c++) {
        for (int y = 0; y < kh; y++) {
          for (int x = 0; x < kw; x++) {
            int at = (c * (kh + 1) + y) * width + o * (kw + 1) + x;
            kept[at] = weights.getDouble(o, c, y, x) == 0.0 ? 0 : 1;
          }
        }
      }
    }
    return picture(
        String.format(
            Locale.ROOT,
            "layer %s: kernels of %d×%d, %d outputs across, %d inputs down",
            layer,
            kw,
            kh,
            across,
            down),
        width,
        height,
        kept);
  }

  private static MaskPicture picture(String title, int width, int height, double[] values) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    double most = 1e-9;
    for (double value : values) {
      most = Math.max(most, value);
    }
    for (int i = 0; i < values.length; i++) {
      int alpha = (int) Math.round(255 * values[i] / most);
      image.setRGB(i % width, i / width, alpha << ALPHA | COLOUR);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String uri = "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    return new MaskPicture(title, uri, width, height);
  }
}
