package io.github.dl4jpruning.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Runtime files of version 1 as the first release wrote them, with their outputs at that time for
 * an input from a formula.
 */
enum Golden {
  /** Dense layers, ReLU and softmax. */
  PERCEPTRON,
  /** Convolutions with stride and padding, pooling, a residual sum; half precision. */
  IMAGES,
  /** LSTM, GravesLSTM and SimpleRnn, in one direction and in both. */
  SEQUENCES;

  byte[] bytes() {
    return resource(name().toLowerCase(Locale.ROOT) + ".dl4jrun");
  }

  float[] outputs() {
    byte[] text = resource(name().toLowerCase(Locale.ROOT) + ".txt");
    List<String> lines =
        new String(text, StandardCharsets.US_ASCII).lines().collect(Collectors.toList());
    float[] outputs = new float[lines.size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = Float.parseFloat(lines.get(i));
    }
    return outputs;
  }

  static float[] input(int length) {
    float[] input = new float[length];
    for (int i = 0; i < length; i++) {
      input[i] = i % 3 == 0 ? 0f : (i * 37 % 101 - 50) / 25f;
    }
    return input;
  }

  private static byte[] resource(String name) {
    try (InputStream in = Golden.class.getResourceAsStream(name)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      in.transferTo(bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
