package io.github.dl4jpruning.examples.snippets;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.export.RuntimeExporter;
import io.github.dl4jpruning.runtime.SparseModel;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Prunes a network, and runs it in plain Java, without DL4J. */
public final class ExportAndRun {

  private ExportAndRun() {}

  /**
   * Trains, exports and runs.
   *
   * @param args the file to write; a temporary file if none is given
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path file = args.length > 0 ? Path.of(args[0]) : Files.createTempFile("small", ".dl4jrun");
    MultiLayerNetwork network = Digits.network();
    PruningListener.builder()
        .schedule(SparsitySchedules.polynomial(0.0, 0.95, 40, 160))
        .updateEvery(20)
        .build()
        .attachTo(network);
    network.fit(Digits.train(), 3);
    System.out.println(RuntimeExporter.write(network, file)); // compared with DL4J

    // From here on only dl4j-pruning-runtime is needed, on a server or on a phone.
    SparseModel model = SparseModel.load(file);
    SparseModel.Session session = model.newSession(); // one for each thread
    float[] digit = Digits.validation().next().getFeatures().getRow(0).toFloatVector();
    float[] probabilities = session.run(digit);
    System.out.println("probability of a one " + probabilities[1]);
    System.out.println(model);
  }
}
