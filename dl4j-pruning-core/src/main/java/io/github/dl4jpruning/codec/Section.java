package io.github.dl4jpruning.codec;

/** The parts of a compact model, in their order. */
public enum Section {
  /** The kind, type and configuration of the network. */
  HEAD,
  /** Blocks of parameters; any number of sections. */
  PARA,
  /** Blocks of the updater state; any number of sections, or none. */
  UPDA,
  /** The normaliser; optional. */
  NORM,
  /** The pruning state; optional. */
  PRUN,
  /** The end, without content. */
  DONE
}
