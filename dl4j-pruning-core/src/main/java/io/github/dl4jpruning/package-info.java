/**
 * Pruning while a network trains: attach a {@link io.github.dl4jpruning.PruningListener}, train,
 * and read a {@link io.github.dl4jpruning.SparsityReport}.
 *
 * <p>A weight tensor takes one way through the rooms below this package. Each room answers one
 * question:
 *
 * <pre>
 *   select ──▶ score ──▶ allocate ──▶ mask ──▶ model ──▶ report
 *   which      how       how many     which    W ⊙ M     what
 *   tensors?   important  survive in  entries?           happened?
 *              is each?   each?
 *   └────────────── plan leads it through ─────────────┘
 *   schedule: what total sparsity is due now?
 *   recipe: how is a configuration written down?
 *   shrink: which channels belong together, and what is the network without some?
 *   watch: what goes wrong while a network is pruned?
 * </pre>
 *
 * <p>Other rooms build on this package:
 *
 * <pre>
 *   iterative: rounds of pruning and fine-tuning     structured: rounds that remove whole channels
 *   rounds: what both have in common                 tune: sweeps and sensitivity scans
 *   checkpoint: how does a run resume?               compact: small files    replicas: several at once
 * </pre>
 *
 * <p>This package decides when masks change. It holds no arithmetic and touches no array.
 */
@NullMarked
package io.github.dl4jpruning;

import org.jspecify.annotations.NullMarked;
