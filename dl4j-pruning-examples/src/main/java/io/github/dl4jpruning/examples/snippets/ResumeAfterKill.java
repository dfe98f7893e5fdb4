package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityReport;
import io.github.dl4jpruning.checkpoint.PruningCheckpoint;
import io.github.dl4jpruning.checkpoint.PruningCheckpointListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Trains for three epochs. If killed and restarted, it continues after the last complete epoch. */
public final class ResumeAfterKill {

  private static final int EPOCHS = 3;

  private ResumeAfterKill() {}

  /**
   * Trains, or continues a training.
   *
   * @param args the folder for the checkpoints; {@code checkpoints} if none is given
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : "checkpoints");
    MultiLayerNetwork network = Digits.network();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0.0, 0.9, 40, 200))
            .updateEvery(20)
            .build();
    Optional<Path> latest = PruningCheckpointListener.latest(folder);
    if (latest.isPresent()) {
      network = PruningCheckpoint.load(latest.get(), pruning).multiLayerNetwork();
      System.out.println("continues after epoch " + network.getEpochCount());
    } else {
      pruning.attachTo(network);
    }
    network.addListeners(PruningCheckpointListener.builder(folder, pruning).everyEpochs(1).build());
    while (network.getEpochCount() < EPOCHS) {
      network.fit(Digits.train(), 1);
    }
    System.out.println(SparsityReport.of(network));
  }
}
