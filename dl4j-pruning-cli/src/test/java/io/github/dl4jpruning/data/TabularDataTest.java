package io.github.dl4jpruning.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class TabularDataTest {

  @TempDir private Path folder;

  private Path csv(String... lines) throws IOException {
    return Files.write(folder.resolve("data.csv"), List.of(lines));
  }

  private static TabularOptions options() {
    return TabularOptions.defaults();
  }

  @Test
  void shouldReadNumbersTextsAndClasses() throws IOException {
    Path file =
        csv(
            "\uFEFFwidth, colour ,kind",
            "1.5,red,\"oak, old\"",
            "",
            "2, blue,pine",
            "-3e1,red,pine");

    TabularData data = TabularData.read(file, options());

    assertThat(data.features())
        .containsExactly(
            new Column("width", List.of()), new Column("colour", List.of("blue", "red")));
    assertThat(data.classes()).containsExactly("oak, old", "pine");
    assertThat(data.dataSet().getFeatures())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{1.5f, 0, 1}, {2, 1, 0}, {-30, 0, 1}}));
    assertThat(data.dataSet().getLabels())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {0, 1}}));
  }

  @Test
  void shouldReadWithoutAHeader() throws IOException {
    TabularData data = TabularData.read(csv("1,2,3", "4,5,6"), options().withLabels("1", "3"));
    assertThat(data.features()).extracting(Column::name).containsExactly("2");
    assertThat(data.labels()).extracting(Column::name).containsExactly("1", "3");
    assertThat(data.classes()).isEmpty();
    assertThat(data.dataSet().getLabels())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{1, 3}, {4, 6}}));

    assertThat(TabularData.read(csv("a,b", "c,d"), options()).dataSet().numExamples())
        .as("texts alone are no header")
        .isEqualTo(2);
    assertThat(
            TabularData.read(csv("a,b", "c,d"), options().withHeader(true)).dataSet().numExamples())
        .isEqualTo(1);
    assertThat(
            TabularData.read(csv("1;2", "3;4"), options().withDelimiter(';').withLabels("1"))
                .features())
        .hasSize(1);
  }

  @Test
  void shouldTakeWholeNumbersForClassesIfItIsTold() throws IOException {
    Path file = csv("x,y", "1,0", "2,2", "3,1");
    assertThat(TabularData.read(file, options()).classes()).isEmpty();
    TabularData data = TabularData.read(file, options().withClasses(3));
    assertThat(data.classes()).containsExactly("0", "1", "2");
    assertThat(data.dataSet().getLabels())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 0, 1}, {0, 1, 0}}));
    assertThatThrownBy(() -> TabularData.read(file, options().withClasses(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + ", line 3: expected a class of 0 to 1 in column y, but found 2");
  }

  @Test
  void shouldSayWhereAValueIsMissing() throws IOException {
    Path file = csv("age,place,income", "30,here,1", "?,there,2", "50,,4", "40,there,3");
    assertThatThrownBy(() -> TabularData.read(file, options()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ", line 3: expected a value in column age, but found '?'");

    TabularData dropped =
        TabularData.read(file, options().withMissing(TabularOptions.Missing.DROP));
    assertThat(dropped.dataSet().getLabels())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{1}, {3}}));

    TabularData filled = TabularData.read(file, options().withMissing(TabularOptions.Missing.FILL));
    assertThat(filled.dataSet().getFeatures())
        .isEqualTo(
            Nd4j.createFromArray(new float[][] {{30, 1, 0}, {40, 0, 1}, {50, 0, 1}, {40, 0, 1}}));
  }

  @Test
  void shouldNameWhatDoesNotFit() throws IOException {
    assertThatThrownBy(() -> TabularData.read(csv("a,b", "1,2", "3"), options()))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("line 3: expected 2 columns, as in line 1, but found 1");
    assertThatThrownBy(() -> TabularData.read(csv("a,b", "1,2"), options().withLabels("c")))
        .hasMessageContaining("expected one of the columns [a, b], but found c");
    assertThatThrownBy(() -> TabularData.read(csv("1,2"), options().withLabels("3")))
        .hasMessageContaining("but found 3");
    assertThatThrownBy(() -> TabularData.read(csv(""), options()))
        .hasMessageEndingWith("expected rows of data, but found none");
    assertThatThrownBy(() -> TabularData.read(csv("1", "2"), options()))
        .hasMessageContaining("expected columns besides the labels");
    assertThatThrownBy(
            () -> TabularData.read(csv("?,1"), options().withMissing(TabularOptions.Missing.DROP)))
        .hasMessageContaining("found none that is complete");
    String[] names = new String[1_002];
    for (int i = 0; i < names.length; i++) {
      names[i] = "name" + i + "," + i;
    }
    assertThatThrownBy(() -> TabularData.read(csv(names), options()))
        .hasMessageContaining("column 1, but found 1,002 different texts; leave the column out");
    assertThatThrownBy(() -> TabularData.read(folder.resolve("none.csv"), options()))
        .isInstanceOf(java.nio.file.NoSuchFileException.class);
  }

  @Test
  void shouldReadAQuoteThatDoesNotEndOrSayWhere() throws IOException {
    Path file = csv("1,2", "\"3,4");
    assertThatThrownBy(() -> TabularData.read(file, options()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void shouldNameAnOddValueAmongNumbers() throws IOException {
    String[] rows = new String[40];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (i == 30 ? "5.x1" : i) + "," + i;
    }
    Path file = csv(rows);
    assertThatThrownBy(() -> TabularData.read(file, options()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + ", line 31: expected a number in column 1, as in nearly all rows, but found"
                + " '5.x1'");
  }

  @Test
  void shouldNotInventLabels() throws IOException {
    Path file = csv("x,y", "1,1", "2,?", "3,3");
    assertThatThrownBy(
            () -> TabularData.read(file, options().withMissing(TabularOptions.Missing.FILL)))
        .hasMessageContaining("line 3: expected a value in column y");
  }
}
