package io.github.dl4jpruning.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.data.LabelledData.Given;
import io.github.dl4jpruning.data.SampleSplit.Part;
import io.github.dl4jpruning.models.NetworkForm;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class LabelledDataTest {

  @TempDir Path folder;

  private static LabelledData open(Path path, NetworkForm form) throws IOException {
    return LabelledData.open(List.of(Given.all(path)), form, DataOptions.defaults());
  }

  private static NetworkForm classifier(InputType input, int classes) {
    return new NetworkForm(input, classes, Optional.empty(), true);
  }

  @Test
  void shouldDivideWithoutOverlapAndBySeedAlone() {
    Random random = new Random(7);
    for (int trial = 0; trial < 200; trial++) {
      Part[] parts = new Part[20 + random.nextInt(200)];
      for (int i = 0; i < parts.length; i++) {
        parts[i] =
            random.nextInt(4) == 0 ? List.of(Part.values()).get(random.nextInt(4)) : Part.ALL;
      }
      SampleSplit split = SampleSplit.of(parts, 0.2, 0.1, trial);
      SampleSplit again = SampleSplit.of(parts, 0.2, 0.1, trial);
      assertThat(split.training()).isEqualTo(again.training());
      assertThat(split.validation()).isEqualTo(again.validation());
      int[] all =
          Stream.of(split.training(), split.validation(), split.test())
              .flatMapToInt(Arrays::stream)
              .toArray();
      assertThat(Arrays.stream(all).sorted().toArray())
          .isEqualTo(IntStream.range(0, parts.length).toArray());
      for (int i : split.training()) {
        assertThat(parts[i]).isIn(Part.ALL, Part.TRAINING);
      }
      boolean given = Arrays.asList(parts).contains(Part.TEST);
      for (int i : split.test()) {
        assertThat(parts[i] == Part.TEST).isEqualTo(given);
      }
    }
    assertThatThrownBy(() -> SampleSplit.of(new Part[] {Part.TEST, Part.TEST}, 0.1, 0.1, 1))
        .hasMessageContaining("but found 0, 0 and 2");
  }

  @Test
  void shouldPickSamplesFromAllPartsOfTheData() {
    int[] sorted = IntStream.range(0, 1_000).toArray();
    assertThat(SampleSplit.evenly(sorted, 10))
        .containsExactly(0, 100, 200, 300, 400, 500, 600, 700, 800, 900);
    assertThat(SampleSplit.evenly(sorted, 2_000)).isEqualTo(sorted);
  }

  @Test
  void shouldGiveTheSameBatchesAfterTheSameResets() throws IOException {
    Path file = Files.write(folder.resolve("t.csv"), numbers(50));
    Samples samples = open(file, classifier(InputType.feedForward(1), 3)).samples();
    int[] positions = IntStream.range(0, 50).filter(i -> i % 5 != 0).toArray();
    SampleBatches one = SampleBatches.shuffled(samples, positions, 7, 3);
    SampleBatches other = SampleBatches.shuffled(samples, positions, 7, 3);
    assertThat(one.count()).isEqualTo(6);
    for (int epoch = 0; epoch < 3; epoch++) {
      one.reset();
      other.reset();
      List<Float> seen = new ArrayList<>();
      while (one.hasNext()) {
        INDArray batch = one.next().getFeatures();
        assertThat(other.next().getFeatures()).isEqualTo(batch);
        for (int i = 0; i < batch.size(0); i++) {
          seen.add(batch.getFloat(i, 0));
        }
      }
      assertThat(other.hasNext()).isFalse();
      assertThat(seen)
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(positions).mapToObj(i -> (float) i).toList());
    }
  }

  @Test
  void shouldReadTablesThatAreDivided() throws IOException {
    Files.write(folder.resolve("train.csv"), List.of("1,rose", "2,iris", "3,lily"));
    Files.write(folder.resolve("test.csv"), List.of("4,iris", "5,iris"));
    LabelledData data = open(folder, classifier(InputType.feedForward(1), 3));
    assertThat(data.samples().classes()).containsExactly("iris", "lily", "rose");
    assertThat(data.parts())
        .containsExactly(Part.TEST, Part.TEST, Part.TRAINING, Part.TRAINING, Part.TRAINING);
    assertThat(data.samples().read(0).getLabels().toFloatMatrix())
        .as("a text has the same place in both")
        .isDeepEqualTo(new float[][] {{1, 0, 0}});
    SampleSplit split = data.split(0.3, 0.3, 1);
    assertThat(split.test()).containsExactly(0, 1);
    assertThat(split.training()).hasSize(2);
  }

  @Test
  void shouldReadTwoClassesForOneOutput() throws IOException {
    NetworkForm one = classifier(InputType.feedForward(1), 1);
    Path numbers = Files.write(folder.resolve("n.csv"), List.of("1,0", "2,1", "3,1"));
    assertThat(open(numbers, one).samples().classes()).containsExactly("0", "1");
    assertThat(open(numbers, one).samples().read(0, 1, 2).getLabels().toFloatVector())
        .containsExactly(0f, 1f, 1f);
    Path texts = Files.write(folder.resolve("t.csv"), List.of("1,yes", "2,no", "3,yes"));
    assertThat(open(texts, one).samples().read(0, 1, 2).getLabels().toFloatVector())
        .as("alphabetical: no is 0, yes is 1")
        .containsExactly(1f, 0f, 1f);
    Path values = Files.write(folder.resolve("v.csv"), List.of("1,0", "2,1", "3,0.5"));
    assertThat(open(values, one).samples().classes()).isEmpty();
    assertThatThrownBy(() -> Metric.F1.check(open(values, one).samples()))
        .hasMessageContaining("expected mse, mae or r2 for data with numbers to predict");
  }

  @Test
  void shouldTellTheDataApartByItsContent() throws IOException {
    NetworkForm form = classifier(InputType.feedForward(1), 3);
    Path file = Files.write(folder.resolve("t.csv"), List.of("1,0", "2,1", "3,2"));
    String before = open(file, form).key();
    assertThat(open(file, form).key()).isEqualTo(before);
    Files.write(file, List.of("1,0", "2,2", "3,1"));
    assertThat(open(file, form).key()).isNotEqualTo(before);
  }

  @Test
  void shouldReadAnIdxFileOnceAndAClassThatIsCalledTrain() throws IOException {
    byte[] images = idx(new int[] {2, 1, 1}, new byte[] {5, 6});
    Files.write(folder.resolve("train-images-idx3-ubyte"), images);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("train-images-idx3-ubyte.gz")))) {
      out.write(images);
    }
    Files.write(folder.resolve("train-labels-idx1-ubyte"), idx(new int[] {2}, new byte[] {0, 1}));
    assertThat(open(folder, classifier(InputType.feedForward(1), 2)).samples().size()).isEqualTo(2);

    Path traffic = Files.createDirectories(folder.resolve("traffic"));
    for (String kind : List.of("bus", "train")) {
      Path own = Files.createDirectories(traffic.resolve(kind));
      Files.writeString(own.resolve("a.csv"), "1\n2\n");
      Files.writeString(own.resolve("b.csv"), "2\n");
    }
    LabelledData data = open(traffic, classifier(InputType.recurrent(1), 2));
    assertThat(data.samples().classes()).containsExactly("bus", "train");
    assertThat(data.parts()).containsOnly(Part.ALL);
  }

  private static List<String> numbers(int rows) {
    return IntStream.range(0, rows).mapToObj(i -> i + "," + i % 3).toList();
  }

  private static byte[] idx(int[] sizes, byte[] values) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x800 + sizes.length);
    for (int size : sizes) {
      out.writeInt(size);
    }
    out.write(values);
    return bytes.toByteArray();
  }

  @Test
  void shouldReadIdxFilesWithTheirParts() throws IOException {
    byte[] pixels = new byte[3 * 2 * 2];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (20 * i);
    }
    Files.write(folder.resolve("train-images-idx3-ubyte"), idx(new int[] {3, 2, 2}, pixels));
    Files.write(
        folder.resolve("train-labels-idx1-ubyte"), idx(new int[] {3}, new byte[] {0, 2, 1}));
    byte[] one = idx(new int[] {1, 2, 2}, new byte[] {1, 2, 3, (byte) 255});
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("t10k-images-idx3-ubyte.gz")))) {
      out.write(one);
    }
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(new int[] {1}, new byte[] {2}));

    LabelledData data = open(folder, classifier(InputType.feedForward(4), 3));

    assertThat(data.parts()).containsOnlyOnce(Part.TEST).hasSize(4);
    int test = Arrays.asList(data.parts()).indexOf(Part.TEST);
    DataSet read = data.samples().read(test);
    assertThat(read.getFeatures().toFloatMatrix()).isDeepEqualTo(new float[][] {{1, 2, 3, 255}});
    assertThat(read.getLabels().toFloatMatrix()).isDeepEqualTo(new float[][] {{0, 0, 1}});
    assertThatThrownBy(() -> open(folder, classifier(InputType.feedForward(9), 3)))
        .hasMessageContaining("expected images of 3×3 with 1 channels")
        .hasMessageContaining("but found 2×2");
    assertThatThrownBy(() -> open(folder, classifier(InputType.feedForward(4), 2)))
        .hasMessageContaining("expected labels below 2");
  }

  @Test
  void shouldPutColoursAndAxesWhereTheNetworkReadsThem() {
    byte[] image = {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24}; // blue, green, red; 2×2
    float[] first = {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24};
    float[] last = {21, 11, 1, 22, 12, 2, 23, 13, 3, 24, 14, 4}; // red first, channels last
    assertThat(read(image, InputType.convolutional(2, 2, 3), false)).isEqualTo(first);
    assertThat(read(image, InputType.convolutional(2, 2, 3, CNN2DFormat.NHWC), true))
        .isEqualTo(last);
    assertThat(read(image, InputType.convolutionalFlat(2, 2, 3), false)).isEqualTo(first);
  }

  private static float[] read(byte[] image, InputType type, boolean redFirst) {
    PixelSamples.Form form = new PixelSamples.Form(3, 2, 2, redFirst, type);
    PixelSamples samples = new PixelSamples(i -> image, new int[] {1}, List.of("a", "b"), 1, form);
    DataSet one = samples.read(0);
    assertThat(one.getLabels().getFloat(0)).isEqualTo(1f);
    return one.getFeatures().dup('c').data().asFloat();
  }

  @Test
  void shouldReadSequencesWithLabelsForEachStepOrInATable() throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    Files.writeString(own.resolve("a.csv"), "x,kind\n1,up\n2,up\n3,down\n");
    Files.writeString(own.resolve("b.csv"), "x,kind\n4,down\n");
    InputType input = InputType.recurrent(1);
    DataSet steps =
        open(own, new NetworkForm(input, 2, Optional.of(RNNFormat.NCW), true)).samples().read(0, 1);
    assertThat(steps.getFeatures())
        .isEqualTo(Nd4j.createFromArray(new float[][][] {{{1, 2, 3}}, {{4, 0, 0}}}));
    assertThat(steps.getLabels())
        .isEqualTo(
            Nd4j.createFromArray(new float[][][] {{{0, 0, 1}, {1, 1, 0}}, {{1, 0, 0}, {0, 0, 0}}}));
    INDArray mask = Nd4j.createFromArray(new float[][] {{1, 1, 1}, {1, 0, 0}});
    assertThat(steps.getFeaturesMaskArray()).isEqualTo(mask);
    assertThat(steps.getLabelsMaskArray()).isEqualTo(mask);

    Path listed = Files.createDirectories(folder.resolve("listed"));
    Files.writeString(listed.resolve("a.csv"), "1\n2\n");
    Files.writeString(listed.resolve("b.csv"), "4\n");
    Files.writeString(listed.resolve("labels.csv"), "file,kind\nb.csv,up\na.csv,down\n");
    DataSet last = open(listed, classifier(input, 2)).samples().read(0, 1);
    assertThat(last.getLabels().toFloatMatrix()).isDeepEqualTo(new float[][] {{1, 0}, {0, 1}});
    DataSet atEnd =
        open(listed, new NetworkForm(input, 2, Optional.of(RNNFormat.NWC), true))
            .samples()
            .read(0, 1);
    assertThat(atEnd.getLabelsMaskArray().toFloatMatrix())
        .isDeepEqualTo(new float[][] {{0, 1}, {1, 0}});
    Files.writeString(listed.resolve("labels.csv"), "b.csv,up\n");
    assertThatThrownBy(() -> open(listed, classifier(input, 2)))
        .hasMessageContaining("expected 2 classes");
    Files.writeString(listed.resolve("labels.csv"), "file,kind\nb.csv,up\nc.csv,down\n");
    assertThatThrownBy(() -> open(listed, classifier(input, 2)))
        .hasMessageContaining("labels.csv, line 3: expected the name of a file")
        .hasMessageContaining("found c.csv");
  }

  @Test
  void shouldReadSavedDataSets() throws IOException {
    INDArray features = Nd4j.rand(5, 4);
    INDArray labels = Nd4j.rand(5, 2);
    save(new DataSet(features, labels), "0.bin");
    INDArray more = Nd4j.rand(3, 4);
    save(new DataSet(more, Nd4j.rand(3, 2)), "1.bin");
    Samples samples =
        open(folder, new NetworkForm(InputType.feedForward(4), 2, Optional.empty(), false))
            .samples();
    assertThat(samples.size()).isEqualTo(8);
    DataSet some = samples.read(7, 0, 4);
    assertThat(some.getFeatures().getRow(0)).isEqualTo(more.getRow(2));
    assertThat(some.getFeatures().getRow(2)).isEqualTo(features.getRow(4));
    assertThat(some.getLabels().getRow(1)).isEqualTo(labels.getRow(0));
    assertThat(some.getFeaturesMaskArray()).isNull();
    save(new DataSet(Nd4j.rand(3, 5), Nd4j.rand(3, 2)), "2.bin");
    assertThatThrownBy(
            () ->
                open(folder, new NetworkForm(InputType.feedForward(4), 2, Optional.empty(), false)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2.bin: expected samples of the shapes [4] and [2]");
  }

  @Test
  void shouldReadSavedSequencesOfDifferentLengths() throws IOException {
    INDArray longer = Nd4j.rand(2, 3, 6);
    INDArray mask = Nd4j.createFromArray(new float[][] {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 0, 0}});
    save(new DataSet(longer, Nd4j.rand(2, 2, 6), mask, mask), "0.bin");
    INDArray shorter = Nd4j.rand(1, 3, 4);
    save(new DataSet(shorter, Nd4j.rand(1, 2, 4)), "1.bin");
    Samples samples =
        open(folder, new NetworkForm(InputType.recurrent(3), 2, Optional.of(RNNFormat.NCW), false))
            .samples();
    DataSet some = samples.read(2, 1);
    assertThat(some.getFeatures().shape()).isEqualTo(new long[] {2, 3, 6});
    assertThat(some.getFeaturesMaskArray().toFloatMatrix())
        .isDeepEqualTo(new float[][] {{1, 1, 1, 1, 0, 0}, {1, 1, 1, 0, 0, 0}});
    for (int f = 0; f < 3; f++) {
      for (int t = 0; t < 4; t++) {
        assertThat(some.getFeatures().getFloat(0, f, t)).isEqualTo(shorter.getFloat(0, f, t));
      }
    }
    assertThat(samples.read(0).getFeaturesMaskArray()).isNull();
  }

  private void save(DataSet data, String name) {
    data.save(folder.resolve(name).toFile());
  }

  @Test
  void shouldKeepWhatDoesNotFitIntoMemoryInAFile() throws IOException {
    int count = 50;
    int length = (int) (Runtime.getRuntime().maxMemory() / 8 / count) + 1;
    int[] made = new int[1];
    List<String> notes = new ArrayList<>();
    RecordFile.Source source =
        i -> {
          made[0]++;
          byte[] record = new byte[length];
          record[0] = (byte) i;
          record[length - 1] = (byte) (2 * i);
          return record;
        };
    for (int opened = 0; opened < 2; opened++) {
      var records = RecordStore.of(count, length, "key", Optional.of(folder), notes::add, source);
      for (int i : new int[] {49, 0, 17}) {
        byte[] record = records.apply(i);
        assertThat(record).hasSize(length);
        assertThat(record[0]).isEqualTo((byte) i);
        assertThat(record[length - 1]).isEqualTo((byte) (2 * i));
      }
    }
    assertThat(made[0]).as("made once").isEqualTo(count);
    assertThat(notes).hasSize(1);
    assertThat(RecordStore.of(count, length, "key", Optional.empty(), notes::add, source).apply(3))
        .hasSize(length);
    assertThat(made[0]).as("without a folder they are made when they are read").isEqualTo(51);
  }
}
