package io.github.dl4jpruning.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.schedule.SparsitySchedules;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.ui.api.UIServer;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** The real UI server, with its own page and ours, while a network trains. */
class PruningPageTest {

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theUiShowsSparsityBesideItsOwnPages() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    System.setProperty("org.deeplearning4j.ui.port", String.valueOf(port));
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder().name("hidden").nIn(8).nOut(20).build())
                .layer(
                    new OutputLayer.Builder()
                        .name("output")
                        .activation(Activation.SOFTMAX)
                        .nIn(20)
                        .nOut(4)
                        .build())
                .build());
    network.init();
    PruningListener pruning =
        PruningListener.builder()
            .schedule(SparsitySchedules.polynomial(0, 0.8, 2, 20))
            .updateEvery(3)
            .build();
    InMemoryStatsStorage storage = new InMemoryStatsStorage();
    network.setListeners(new StatsListener(storage, 1));
    pruning.attachTo(network);
    PruningPage.show("a \"small\" network", pruning);

    UIServer server = UIServer.getInstance();
    try {
      server.attach(storage);
      for (int t = 0; t < 24; t++) {
        network.fit(Nd4j.rand(6, 8), Nd4j.rand(6, 4));
      }

      HttpResponse<String> page = get(port, "/pruning");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
      assertThat(page.body())
          .contains("<title>Sparsity per layer</title>")
          .contains("/pruning/data");
      assertThat(page.body()).as("nothing is loaded from elsewhere").doesNotContain("src=");

      JsonNode run = new ObjectMapper().readTree(get(port, "/pruning/data").body()).get(0);
      assertThat(run.get("name").asText()).isEqualTo("a \"small\" network");
      JsonNode history = run.get("history");
      assertThat(history.get("tensors").get(0).get("name").asText()).isEqualTo("hidden.W");
      assertThat(history.get("tensors").get(1).get("weights").asInt()).isEqualTo(80);
      JsonNode last = history.get("updates").get(history.get("updates").size() - 1);
      assertThat(last.get("iteration").asInt()).isEqualTo(20);
      assertThat(last.get("sparsity").asDouble()).isEqualTo(pruning.sparsity());
      assertThat(last.get("perTensor")).hasSize(2);

      // And the training UI has what it always has.
      assertThat(get(port, "/train/overview").statusCode()).isEqualTo(200);
      assertThat(storage.listSessionIDs()).hasSize(1);
      assertThat(
              storage.getAllUpdatesAfter(storage.listSessionIDs().get(0), StatsListener.TYPE_ID, 0))
          .hasSizeGreaterThan(20);
    } finally {
      PruningPage.hide("a \"small\" network");
      server.stop();
    }
  }

  @Test
  void whatCannotBeShownIsRefused() {
    assertThatThrownBy(() -> PruningPage.show(" ", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a name and a pruning listener");
  }
}
