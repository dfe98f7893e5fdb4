package io.github.dl4jpruning.runtime.codec;

/**
 * What a writer and a reader of runtime files have to agree on. docs/runtime-format.md describes
 * the bytes.
 */
public final class RuntimeFormat {

  /** The letters that a file begins with. */
  public static final String MAGIC = "DL4JRUNS";

  /** The version. */
  public static final int VERSION = 1;

  /** The section with properties and inputs. */
  public static final String HEAD = "HEAD";

  /** Sections with tensors. */
  public static final String TENSORS = "TENS";

  /** The section with operations and outputs. */
  public static final String OPERATIONS = "OPER";

  /** The section at the end. */
  public static final String END = "DONE";

  /** Elements of one block of a tensor. */
  public static final int BLOCK = 1 << 18;

  /** Bytes of an element of half precision. */
  public static final int HALF = 2;

  /** Bytes of an element of single precision. */
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

  /** An activation, or slopes below zero. */
  public static final int ELEMENTWISE = 5;

  /** What looks at all channels of a position. */
  public static final int NORMALISE = 6;

  /** Planes with other positions. */
  public static final int RESAMPLE = 7;

  /** Sequences with other steps. */
  public static final int STEPS = 8;

  /** The same numbers in another arrangement. */
  public static final int REARRANGE = 9;

  /** Several values made into one. */
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
