package io.github.dl4jpruning.pipeline;

import io.github.dl4jpruning.compact.CompactModelSerializer;
import io.github.dl4jpruning.compact.CompactOptions;
import io.github.dl4jpruning.compact.CompactSizes;
import io.github.dl4jpruning.console.OutputFolder;
import io.github.dl4jpruning.export.ExportOptions;
import io.github.dl4jpruning.export.ExportReport;
import io.github.dl4jpruning.export.RuntimeLatency;
import io.github.dl4jpruning.export.c.COptions;
import io.github.dl4jpruning.report.Speedup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;

/** Writes the networks of a {@link PruneJob}, and measures them. */
final class PruneOutput {

  static final String DENSE = "dense.zip";
  static final String PRUNED = "pruned.zip";
  static final String COMPACT = "pruned.compact";

  private final PruneJob job;
  private final OutputFolder folder;
  private final Optional<DataNormalization> normalizer;
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  PruneOutput(PruneJob job) {
    this.job = job;
    this.folder = job.folder();
    this.normalizer = job.data().normalizer();
  }

  /** Writes all files and measures both networks on the test samples. */
  PruneResult write(PruneJob.Pruned pruned) throws IOException {
    Model dense = pruned.dense();
    Model network = pruned.network();
    notes.addAll(pruned.notes());
    forget();
    if (job.settings().training().denseEpochs() > 0) {
      files.put("dense network", zip(DENSE, dense));
    }
    files.put("pruned network", zip(PRUNED, network));
    CompactSizes sizes = compact(network);
    ExportOptions options = ExportOptions.defaults().withInputTypes(job.data().form().input());
    options = normalizer.map(options::withNormalizer).orElse(options);
    List<Integer> unread = export(network, options);
    return new PruneResult(
        dense,
        network,
        pruned.scan(),
        pruned.structured(),
        pruned.rounds(),
        job.data().test(dense, job.settings().metric()),
        job.data().test(network, job.settings().metric()),
        sizes,
        speedup(dense, network, options),
        unread,
        files,
        notes);
  }

  /** Deletes the files of an earlier run that this one may not replace. */
  private void forget() throws IOException {
    Files.deleteIfExists(folder.path().resolve(DENSE));
    for (ExportFormat format : ExportFormat.values()) {
      for (String name : format.files(ModelExport.NAME)) {
        Files.deleteIfExists(folder.path().resolve(name));
      }
    }
  }

  private Path zip(String name, Model network) throws IOException {
    return NetworkZip.write(folder, name, network, normalizer);
  }

  private CompactSizes compact(Model network) throws IOException {
    CompactOptions.Builder options = CompactOptions.builder();
    normalizer.ifPresent(options::normalizer);
    CompactOptions built = options.build();
    Path file = folder.write(COMPACT, to -> CompactModelSerializer.write(network, to, built));
    files.put("compact file", file);
    return CompactModelSerializer.measure(network, built);
  }

  /** Writes the formats; returns the inputs that nothing reads any more. */
  private List<Integer> export(Model network, ExportOptions options) throws IOException {
    List<Integer> unread = List.of();
    ExportTable table = new ExportTable();
    ModelExport export =
        new ModelExport(
            folder,
            options,
            false,
            COptions.named(ModelExport.NAME),
            Optional.of(job.data()::rawTest),
            table);
    int written = 0;
    for (ExportFormat format : job.settings().formats()) {
      try {
        ExportReport report = export.write(format, network);
        files.put("for " + format, folder.path().resolve(format.file(ModelExport.NAME)));
        unread = report.unread().values().stream().findFirst().orElse(unread);
        written++;
      } catch (IllegalArgumentException | IllegalStateException e) { // not supported, or not equal
        notes.add("not exported to " + format + ": " + e.getMessage());
      }
    }
    if (written > 0) {
      job.out().println(table);
    }
    return unread;
  }

  private Optional<Speedup> speedup(Model dense, Model network, ExportOptions options) {
    try {
      return Optional.of(new RuntimeLatency(options).compare(dense, network));
    } catch (IllegalArgumentException | IllegalStateException e) {
      notes.add("not timed in the runtime: " + e.getMessage());
      return Optional.empty();
    }
  }
}
