/**
 * What layers read in forward passes over calibration data, and their weights as matrices that are
 * multiplied with it. Internal.
 */
@NullMarked
package io.github.dl4jpruning.activations;

import org.jspecify.annotations.NullMarked;
