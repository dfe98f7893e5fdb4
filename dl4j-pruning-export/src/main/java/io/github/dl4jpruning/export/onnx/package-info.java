/**
 * How does a network get into ONNX, which other engines read?
 *
 * <p>{@link io.github.dl4jpruning.export.onnx.OnnxExporter} is the entry.
 *
 * <p>Input: a plan. Output: an ONNX model. Not allowed here: layers of DL4J, and writing to a
 * network.
 */
@NullMarked
package io.github.dl4jpruning.export.onnx;

import org.jspecify.annotations.NullMarked;
