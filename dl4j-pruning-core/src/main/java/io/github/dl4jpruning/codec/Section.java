package io.github.dl4jpruning.codec;

/** The parts of a compact model, in their order. */
public enum Section {
  /** What network it is. */
  HEAD,
  /** Blocks of parameters; as many sections as it takes. */
  PARA,
  /** Blocks of the updater's state; as many sections as it takes, or none. */
  UPDA,
  /** A normaliser, or none. */
  NORM,
  /** The state of pruning, or none. */
  PRUN,
  /** The end; it has no content. */
  DONE
}
