package io.github.dl4jpruning.codec;

import io.github.dl4jpruning.runtime.codec.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Writes the configuration of a network, which is DL4J's JSON, in few bytes: without whitespace
 * between tokens, and deflated with a dictionary of the words common to all configurations (RFC
 * 1950). Otherwise the configuration would be a large part of the file of a small pruned network.
 *
 * <p>The format is the length of the text in bytes as a count, the length of the deflated text as a
 * count, and the deflated text. The dictionary is part of the format and never changes within a
 * version.
 */
public final class ConfigurationText {

  private static final int BUFFER = 1 << 13;

  private static final byte[] DICTIONARY = dictionary();

  private ConfigurationText() {}

  private static byte[] dictionary() {
    String name = "configuration-words-1.txt";
    try (InputStream in = ConfigurationText.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("expected the resource " + name + ", but it is not there");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Appends a configuration.
   *
   * @param json the configuration
   * @param sink the destination
   */
  public static void put(String json, ByteSink sink) {
    byte[] utf8 = withoutBlanks(json).getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setDictionary(DICTIONARY);
      deflater.setInput(utf8);
      deflater.finish();
      ByteSink deflated = new ByteSink();
      byte[] buffer = new byte[BUFFER];
      while (!deflater.finished()) {
        deflated.putBytes(buffer, deflater.deflate(buffer));
      }
      sink.putCount(utf8.length);
      sink.putCount(deflated.size());
      sink.putBytes(deflated.toBytes(), deflated.size());
    } finally {
      deflater.end();
    }
  }

  /** Whitespace outside strings has no meaning in JSON. */
  static String withoutBlanks(String json) {
    StringBuilder text = new StringBuilder(json.length());
    boolean inString = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (inString && c == '\\') {
        text.append(c);
        i++;
        c = json.charAt(i);
      } else if (c == '"') {
        inString = !inString;
      } else if (!inString && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
        continue;
      }
      text.append(c);
    }
    return text.toString();
  }

  /**
   * Reads a configuration.
   *
   * @param source the source
   * @param most the most bytes accepted
   * @return the configuration, without whitespace between tokens
   * @throws IOException if the configuration is longer or damaged
   */
  public static String get(ByteSource source, int most) throws IOException {
    int length = (int) source.getCount(most, "a length of the configuration");
    int packed = (int) source.getCount(source.remaining(), "a length of packed bytes");
    byte[] deflated = source.getBytes(packed);
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(deflated);
      byte[] utf8 = new byte[length];
      int done = inflater.inflate(utf8);
      if (done == 0 && inflater.needsDictionary()) {
        inflater.setDictionary(DICTIONARY);
        done = inflater.inflate(utf8);
      }
      if (done != length || inflater.inflate(new byte[1]) > 0 || !inflater.finished()) {
        throw source.error("expected a configuration of " + length + " bytes, but it is damaged");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (DataFormatException | IllegalArgumentException | CharacterCodingException e) {
      throw source.error("expected a configuration, but it is damaged: " + e.getMessage());
    } finally {
      inflater.end();
    }
  }
}
