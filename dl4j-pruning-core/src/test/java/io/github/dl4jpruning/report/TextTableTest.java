package io.github.dl4jpruning.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void shouldLineUpItsColumns() {
    TextTable table = new TextTable("what", "dense").row("a", "1").row("longer", "12345").rule();
    table.row("b", "2");

    assertThat(table.toString())
        .isEqualTo(
            """
            what     dense
            ──────────────
            a            1
            longer   12345
            ──────────────
            b            2
            """);
  }

  @Test
  void shouldRefuseARowThatDoesNotFit() {
    assertThatThrownBy(() -> new TextTable("a", "b").row("1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 2 cells, but found 1");
  }
}
