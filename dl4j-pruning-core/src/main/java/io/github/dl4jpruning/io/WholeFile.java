package io.github.dl4jpruning.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads small files as a whole. Every error message names the file. */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Reads the bytes of a file.
   *
   * @param file the file
   * @return its content
   * @throws IOException if it cannot be read
   */
  public static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (
        IOException e) { // the message of a read error, or for a folder, does not name the file
      String reason = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
      throw new IOException(
          file
              + ": expected a file that can be read, but found "
              + e.getClass().getSimpleName()
              + (reason == null ? "" : ": " + reason),
          e);
    }
  }

  /**
   * Reads a UTF-8 text file.
   *
   * @param file the file
   * @return the text
   * @throws IOException if it cannot be read, or is not valid UTF-8
   */
  public static String text(Path file) throws IOException {
    byte[] bytes = read(file);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected text in UTF-8, but found other bytes", e);
    }
  }
}
