package io.github.dl4jpruning.export.c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1st",
        "_x",
        "a-b",
        "a b",
        "int",
        "restrict",
        "class",
        "ünter",
        "数字",
        "a.b",
        "abcdefghijklmnopqrstuvwxyz"
      })
  void shouldRefuseWhatIsNoIdentifier(String name) {
    assertThatThrownBy(() -> COptions.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a name of letters, digits and _")
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void shouldMakeIdentifiersOfAnyName() {
    CNames names = new CNames();
    assertThat(names.unique("t", "fc1")).isEqualTo("t_fc1");
    assertThat(names.unique("t", "全連接")).isEqualTo("t");
    assertThat(names.unique("t", "層")).isEqualTo("t_2");
    assertThat(names.unique("t", "my layer")).isEqualTo("t_my_layer");
    assertThat(names.unique("t", "my-layer")).isEqualTo("t_my_layer_2");
    assertThat(names.unique("t", "int")).isEqualTo("t_int");
    assertThat(names.unique("t", "../*")).isEqualTo("t_3");
  }

  @Test
  void shouldLeaveNothingInCommentsThatEndsThem() {
    assertThat(CNames.comment("a*/b ??/ \\\n 層")).isEqualTo("a__b ___ __ _");
  }
}
