/**
 * Pruning while a network trains: attach a {@link io.github.dl4jpruning.PruningListener}, train,
 * and read a {@link io.github.dl4jpruning.SparsityReport}.
 *
 * <p>Weight tensors pass through the packages below this one. Each package answers one question:
 *
 * <pre>
 *   select ──▶ score ──▶ allocate ──▶ mask ──▶ model ──▶ report
 *   which      how       how many     which    W ⊙ M     what
 *   tensors?   important  survive in  entries?           happened?
 *              is each?   each?
 *   └────────────── plan runs the steps ─────────────┘
 *   schedule: what total sparsity is due now?
 *   recipe: how is a configuration written down?
 *   shrink: which channels belong together, and what is the network without some?
 *   watch: what goes wrong while a network is pruned?
 * </pre>
 *
 * <p>Other packages build on this one:
 *
 * <pre>
 *   iterative: rounds of pruning and fine-tuning     structured: rounds that remove whole channels
 *   rounds: what both have in common                 tune: sweeps and sensitivity scans
 *   checkpoint: how does a run resume?               compact: small files    replicas: several at once
 * </pre>
 *
 * <p>This package decides when masks change. It does no arithmetic and touches no array.
 */
@NullMarked
package io.github.dl4jpruning;

import org.jspecify.annotations.NullMarked;
