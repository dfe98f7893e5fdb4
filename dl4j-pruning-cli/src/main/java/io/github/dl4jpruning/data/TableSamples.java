package io.github.dl4jpruning.data;

import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The rows of a table. */
record TableSamples(TabularData table) implements Samples {

  @Override
  public int size() {
    return table.dataSet().numExamples();
  }

  @Override
  public DataSet read(int... positions) {
    return new DataSet(
        rows(table.dataSet().getFeatures(), positions),
        rows(table.dataSet().getLabels(), positions));
  }

  private static INDArray rows(INDArray all, int[] positions) {
    return Nd4j.pullRows(all, 1, positions);
  }

  @Override
  public List<String> classes() {
    return table.classes();
  }

  @Override
  public String title() {
    return String.format(
        Locale.ROOT,
        "%,d rows of %,d columns, %,d inputs",
        size(),
        table.features().size(),
        table.dataSet().getFeatures().size(1));
  }
}
