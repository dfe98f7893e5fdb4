/** What is left of a run: files that are complete or not there at all, tables, charts. */
@NullMarked
package io.github.dl4jpruning.examples.report;

import org.jspecify.annotations.NullMarked;
