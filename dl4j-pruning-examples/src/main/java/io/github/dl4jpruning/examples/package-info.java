/**
 * The command line of the examples.
 *
 * <p>Each job is a picocli command. Bad input gives a one-line message and exit code 2. Any other
 * failure is a bug and shows its stack trace.
 */
@NullMarked
package io.github.dl4jpruning.examples;

import org.jspecify.annotations.NullMarked;
