/** What is left of a run: files that are complete or not there at all, tables, charts. */
package io.github.dl4jpruning.examples.report;
