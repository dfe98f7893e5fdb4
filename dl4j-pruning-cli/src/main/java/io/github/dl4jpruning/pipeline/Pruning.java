package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.console.TrainingFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;

/**
 * The whole way from a dense network to files of a small one, and a page that shows it.
 *
 * @param settings what to do
 * @param data the data
 * @param folder the folder for results
 * @param identity everything that decides the outcome; a run is resumed only if it is the same
 * @param out where progress goes
 */
public record Pruning(
    PruneSettings settings, PruneData data, OutputFolder folder, String identity, PrintWriter out) {

  /** The page. */
  public static final String PAGE = "report.html";

  /** The same for programs. */
  public static final String JSON = "report.json";

  /**
   * Returns the names of the files that may be written.
   *
   * @return all names
   */
  public static List<String> files() {
    List<String> names =
        new ArrayList<>(
            List.of(PruneOutput.DENSE, PruneOutput.PRUNED, PruneOutput.COMPACT, PAGE, JSON));
    for (ExportFormat format : ExportFormat.values()) {
      names.addAll(format.files(ModelExport.NAME));
    }
    return names;
  }

  /**
   * Prunes a network, and writes all files.
   *
   * @param network the network; changed
   * @param name its file, for the report
   * @param command the command that does it again, for the report
   * @param resume whether to go on with the state in the folder
   * @return the report
   * @throws IOException if a file cannot be read or written
   * @throws TrainingFailedException if a training diverged
   */
  public PruningReport run(Model network, Path name, String command, boolean resume)
      throws IOException, TrainingFailedException {
    PruneJob job = new PruneJob(settings, data, folder, identity, out);
    PruneResult result = new PruneOutput(job).write(job.run(network, name, resume));
    PruningReport report = PruningReport.of(name, command, settings, data, result);
    folder.write(PAGE, to -> to.write(report.toHtml().getBytes(StandardCharsets.UTF_8)));
    folder.write(JSON, to -> to.write(report.toJson().getBytes(StandardCharsets.UTF_8)));
    return report.with("report", folder.path().resolve(PAGE));
  }
}
