/**
 * Images for training: digits in MNIST's format, the digits that ship with the examples, and colour
 * images in class folders; how they are split, augmented and batched.
 */
@NullMarked
package io.github.dl4jpruning.examples.data;

import org.jspecify.annotations.NullMarked;
