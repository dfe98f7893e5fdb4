/**
 * Digits to train on: files in MNIST's format, the digits that ship with the examples, and their
 * split.
 */
package io.github.dl4jpruning.examples.data;
