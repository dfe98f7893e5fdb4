/**
 * Images to train on: digits in MNIST's format and the ones that ship with the examples, colour
 * images in folders of classes, how they are split, changed and put into batches.
 */
@NullMarked
package io.github.dl4jpruning.examples.data;

import org.jspecify.annotations.NullMarked;
