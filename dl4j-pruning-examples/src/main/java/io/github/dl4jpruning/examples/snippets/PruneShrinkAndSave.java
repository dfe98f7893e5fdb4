package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.mask.SparsityPattern;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import io.github.dl4jpruning.shrink.NetworkShrinker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Removes half of all hidden units while a network trains, and then shrinks the network. */
public final class PruneShrinkAndSave {

  private PruneShrinkAndSave() {}

  /**
   * Trains, shrinks, saves and reads the file back.
   *
   * @param args the file to write; a temporary file if none is given
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path file = args.length > 0 ? Path.of(args[0]) : Files.createTempFile("small", ".compact");
    MultiLayerNetwork network = Digits.network();
    PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.5, 40, 160))
        .pattern(SparsityPattern.coupledChannels()) // whole units, in all coupled layers
        .updateEvery(20)
        .build()
        .attachTo(network);
    network.fit(Digits.train(), 3);

    MultiLayerNetwork small = NetworkShrinker.shrink(network); // the same outputs
    CompactModelSerializer.write(small, file);

    MultiLayerNetwork read = CompactModelSerializer.restoreMultiLayerNetwork(file);
    System.out.println("parameters " + network.numParams() + " -> " + read.numParams());
    System.out.println("accuracy " + read.evaluate(Digits.validation()).accuracy());
  }
}
