package io.github.dl4jpruning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SessionTest {

  private static SparseModel model(Golden golden) throws IOException {
    return SparseModel.load(new ByteArrayInputStream(golden.bytes()));
  }

  @Test
  void shouldRefuseWrongLengths() throws IOException {
    SparseModel model = model(Golden.PERCEPTRON);
    SparseModel.Session session = model.newSession();
    float[] input = Golden.input(model.inputs().get(0).length());

    assertThatThrownBy(() -> session.run(new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected " + input.length + " values, but found 3");
    assertThatThrownBy(() -> session.run(input, new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected room for 5 values, but found 2");
    assertThat(session.run(input)).hasSize(5); // an exception leaves the session usable
  }

  @Test
  void shouldLetNanThrough() throws IOException {
    SparseModel model = model(Golden.PERCEPTRON);
    float[] input = Golden.input(model.inputs().get(0).length());
    java.util.Arrays.fill(input, Float.NaN);

    for (float output : model.newSession().run(input)) {
      assertThat(output).isNaN();
    }
  }

  @Test
  void shouldRefuseSequencesThatDoNotFit() throws IOException {
    SparseModel.Session session = model(Golden.SEQUENCES).newSession();

    assertThatThrownBy(() -> session.run(new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a multiple of 3 values, but found 0");
    assertThatThrownBy(() -> session.run(new float[7])).hasMessageContaining("multiple of 3");
  }

  @Test
  void shouldRefuseTwoThreadsAtOnce() throws Exception {
    SparseModel model = model(Golden.IMAGES);
    SparseModel.Session session = model.newSession();
    float[] input = Golden.input(model.inputs().get(0).length());
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    Thread[] threads = new Thread[2];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(
              () -> {
                try {
                  start.await();
                  for (int i = 0; i < 20_000 && refused.get() == 0; i++) {
                    session.run(input);
                  }
                } catch (IllegalStateException e) {
                  assertThat(e).hasMessageContaining("expected one thread for each session");
                  refused.incrementAndGet();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      threads[t].start();
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(refused.get()).isPositive();
    assertThat(session.run(input)).isEqualTo(model.newSession().run(input));
  }

  @Test
  void shouldGiveTheSameAlways() throws IOException {
    for (Golden golden : Golden.values()) {
      SparseModel model = model(golden);
      int length = model.inputs().get(0).length();
      int steps = model.inputs().get(0).isSequence() ? 4 : 1;
      SparseModel.Session session = model.newSession();
      float[] input = Golden.input(length * steps);
      float[] first = session.run(input);
      float[] output = new float[first.length];
      for (int i = 0; i < 20; i++) {
        session.run(input, output);
        assertThat(output).containsExactly(first);
      }
      assertThat(model.runBatch(new float[][] {input, input}))
          .isDeepEqualTo(new float[][] {first, first});
    }
  }
}
