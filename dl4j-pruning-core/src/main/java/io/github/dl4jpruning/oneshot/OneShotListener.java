package io.github.dl4jpruning.oneshot;

/** Watches a {@link OneShotPruner}. */
@FunctionalInterface
public interface OneShotListener {

  /**
   * Called when a layer is pruned.
   *
   * @param layer what happened to it
   * @param done the number of layers that are done
   * @param all the number of layers
   */
  void onLayer(LayerReport layer, int done, int all);
}
