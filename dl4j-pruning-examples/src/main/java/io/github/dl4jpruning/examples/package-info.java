/**
 * The command line: what a person types, and what becomes of a mistake.
 *
 * <p>Each job is a picocli command. Bad input is one line and exit code 2; anything else that goes
 * wrong is a fault of the program and shows its stack trace.
 */
@NullMarked
package io.github.dl4jpruning.examples;

import org.jspecify.annotations.NullMarked;
