/**
 * What a program with a command line shows and writes: progress, a folder for results, a hint when
 * it is interrupted.
 */
@NullMarked
package io.github.dl4jpruning.console;

import org.jspecify.annotations.NullMarked;
