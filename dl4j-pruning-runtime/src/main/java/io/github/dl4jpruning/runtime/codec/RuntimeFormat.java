package io.github.dl4jpruning.runtime.codec;

/**
 * The constants that the writer and the reader of runtime files share. docs/runtime-format.md
 * describes the bytes.
 */
public final class RuntimeFormat {

  /** The letters at the beginning of a file. */
  public static final String MAGIC = "DL4JRUNS";

  /** The version of the format. */
  public static final int VERSION = 1;

  /** The section with properties and inputs. */
  public static final String HEAD = "HEAD";

  /** Sections with tensors. */
  public static final String TENSORS = "TENS";

  /** The section with operations and outputs. */
  public static final String OPERATIONS = "OPER";

  /** The section at the end. */
  public static final String END = "DONE";

  /** The number of elements of one block of a tensor. */
  public static final int BLOCK = 1 << 18;

  /** The number of bytes of an element in half precision. */
  public static final int HALF = 2;

  /** The number of bytes of an element in single precision. */
  public static final int FLOAT = 4;

  /** W·x + b. */
  public static final int LINEAR = 0;

  /** W ∗ x + b. */
  public static final int CONVOLUTION = 1;

  /** Pooling of planes. */
  public static final int POOLING = 2;

  /** Pooling over all positions or steps. */
  public static final int GLOBAL_POOLING = 3;

  /** Scale and shift. */
  public static final int PER_CHANNEL = 4;

  /** An activation, or slopes for negative inputs. */
  public static final int ELEMENTWISE = 5;

  /** Normalisation over all channels of a position. */
  public static final int NORMALISE = 6;

  /** Planes with changed positions. */
  public static final int RESAMPLE = 7;

  /** Sequences with changed steps. */
  public static final int STEPS = 8;

  /** The same numbers in another arrangement. */
  public static final int REARRANGE = 9;

  /** Several values combined into one. */
  public static final int COMBINE = 10;

  /** A row for each word. */
  public static final int EMBEDDING = 11;

  /** An LSTM. */
  public static final int LSTM = 12;

  /** A simple recurrent layer. */
  public static final int SIMPLE_RECURRENT = 13;

  /** A recurrent layer that skips masked steps. */
  public static final int MASKED = 14;

  private RuntimeFormat() {}
}
