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
 * Writes the configuration of a network, JSON as DL4J makes it, in few bytes: without the blanks
 * between its words, and deflated with a dictionary of the words that all configurations have in
 * common (RFC 1950). For a small network that is pruned the configuration is otherwise a good part
 * of the file.
 *
 * <p>What is written: the length of the text in bytes as a count, the length of what follows as a
 * count, and the deflated text. The dictionary is a part of the format: it never changes within a
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
   * @param json the text
   * @param sink where to
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

  /** Blanks and ends of lines outside of strings say nothing in JSON. */
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
   * @param source where from
   * @param most bytes that it may have
   * @return the text, without blanks
   * @throws IOException if it is longer, or damaged
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
