/**
 * How is a run kept, and how a model? Versioned, checksummed forms of what a pruning run has to
 * remember to go on, and of a compact model.
 *
 * <p>Enters and leaves: values and streams, and for a file that is written whole or not at all, its
 * path. Forbidden here: DL4J and ND4J classes, Java serialisation, and making room for a length
 * that stands in a file before it has been checked.
 */
package io.github.dl4jpruning.io;
