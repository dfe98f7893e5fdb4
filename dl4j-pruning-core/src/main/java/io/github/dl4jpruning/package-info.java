/**
 * The public face: attach a {@link io.github.dl4jpruning.PruningListener} to a network, train, and
 * read a {@link io.github.dl4jpruning.SparsityReport}.
 *
 * <p>A weight tensor walks one way through the rooms below this package, and each room answers one
 * question:
 *
 * <pre>
 *   select ──▶ score ──▶ allocate ──▶ mask ──▶ model ──▶ report
 *   which      how       how many     which    W ⊙ M     what
 *   tensors?   important  survive in  entries?           happened?
 *              is each?   each?
 *   schedule: what total sparsity is due now?
 *   recipe: how is all this written down?       io: how is a run kept?
 *   shrink: which channels belong together, and what is the network without some?
 * </pre>
 *
 * <p>This package ties the rooms together and holds no arithmetic of its own. Nothing here touches
 * an array of the network: that is the business of {@code model} alone.
 */
package io.github.dl4jpruning;
