/**
 * Which tensors may be pruned? Names, shapes and layouts of parameters, and the filters that choose
 * among them.
 *
 * <p>Enters: a description of every parameter of a network. Leaves: those that take part. Forbidden
 * here: DL4J and ND4J classes; a layer is a name and a type name.
 */
@NullMarked
package io.github.dl4jpruning.select;

import org.jspecify.annotations.NullMarked;
