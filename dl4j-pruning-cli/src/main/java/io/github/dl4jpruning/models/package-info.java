/**
 * Reads networks from files of any kind: {@link io.github.dl4jpruning.models.ModelFile#load} to
 * train or change them, {@link io.github.dl4jpruning.models.Predictor#load} to predict.
 *
 * <p>{@code KerasFile} reads Keras files with DL4J's importer, and {@code OutputLayers} makes
 * networks trainable that end in a plain layer.
 */
@NullMarked
package io.github.dl4jpruning.models;

import org.jspecify.annotations.NullMarked;
