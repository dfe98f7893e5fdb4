/**
 * Writes networks as C99 for microcontrollers: {@link
 * io.github.dl4jpruning.export.c.CExporter#write}.
 *
 * <p>{@code CSource} puts the files together. {@code CTranslator} turns each operation of a plan
 * into calls of small C functions, which {@code CFunctions} takes from this package's resources.
 * {@code PackedMatrix} stores weights, and {@code MemoryPlan} shares out the memory.
 */
@NullMarked
package io.github.dl4jpruning.export.c;

import org.jspecify.annotations.NullMarked;
