/**
 * Which tensors are pruned? Names, shapes and layouts of parameters, and the filters that select
 * among them.
 *
 * <p>Enters: a description of every parameter of a network. Leaves: the selected ones. Forbidden
 * here: DL4J and ND4J classes; a layer is only a name and a type name.
 */
@NullMarked
package io.github.dl4jpruning.select;

import org.jspecify.annotations.NullMarked;
