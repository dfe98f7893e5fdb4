/**
 * Which tensors are pruned? Names, shapes and layouts of parameters, and the filters that select
 * among them.
 *
 * <p>Input: a description of every parameter of a network. Output: the selected ones. Not allowed
 * here: DL4J and ND4J classes; a layer is only a name and a type name.
 */
@NullMarked
package io.github.dl4jpruning.select;

import org.jspecify.annotations.NullMarked;
