/** The output of a run: tables, charts, and files that are either complete or absent. */
@NullMarked
package io.github.dl4jpruning.examples.report;

import org.jspecify.annotations.NullMarked;
