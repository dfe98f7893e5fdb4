package io.github.dl4jpruning.ui;

import io.github.dl4jpruning.PruningListener;
import io.github.dl4jpruning.SparsityHistory;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.core.storage.StatsStorageEvent;
import org.deeplearning4j.ui.api.HttpMethod;
import org.deeplearning4j.ui.api.Route;
import org.deeplearning4j.ui.api.UIModule;
import org.deeplearning4j.ui.i18n.I18NResource;
import org.nd4j.shade.jackson.databind.node.JsonNodeFactory;

/**
 * A page of DL4J's training UI, at {@code /pruning}: the sparsity of each layer over the
 * iterations, while the network trains. With this module on the class path the UI server finds the
 * page by itself. One line selects what it shows:
 *
 * <pre>{@code
 * UIServer.getInstance().attach(storage);            // the training UI as usual
 * PruningPage.show("LeNet-300-100", pruning);        // and http://localhost:9000/pruning
 * }</pre>
 *
 * <p>The page needs nothing from the internet.
 */
public final class PruningPage implements UIModule {

  private static final Map<String, SparsityHistory> SHOWN = new LinkedHashMap<>();

  /** Called by DL4J's UI server. */
  public PruningPage() {}

  /**
   * Shows the work of a listener from now on.
   *
   * @param name the name of the run on the page; a run with the same name is replaced
   * @param pruning the listener
   * @throws IllegalArgumentException if an argument is null or the name is blank
   */
  public static void show(String name, PruningListener pruning) {
    if (name == null || name.isBlank() || pruning == null) {
      throw new IllegalArgumentException(
          "expected a name and a pruning listener, but found " + name + " and " + pruning);
    }
    SparsityHistory history = new SparsityHistory();
    pruning.addEventListener(history);
    synchronized (SHOWN) {
      SHOWN.remove(name);
      SHOWN.put(name, history);
    }
  }

  /**
   * Removes a run from the page.
   *
   * @param name the name of the run
   */
  public static void hide(String name) {
    synchronized (SHOWN) {
      SHOWN.remove(name);
    }
  }

  private static String data() {
    StringBuilder json = new StringBuilder("[");
    synchronized (SHOWN) {
      SHOWN.forEach(
          (name, history) ->
              json.append(json.length() > 1 ? "," : "")
                  .append("{\"name\":")
                  .append(JsonNodeFactory.instance.textNode(name))
                  .append(",\"history\":")
                  .append(history.toJson())
                  .append('}'));
    }
    return json.append(']').toString();
  }

  private static String page() {
    try (InputStream in = PruningPage.class.getResourceAsStream("pruning.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(RoutingContext context, String type, String text) {
    context.response().putHeader("Content-Type", type + "; charset=utf-8").end(text);
  }

  @Override
  public List<Route> getRoutes() {
    return List.of(
        new Route(
            "/pruning", HttpMethod.GET, (path, context) -> answer(context, "text/html", page())),
        new Route(
            "/pruning/data",
            HttpMethod.GET,
            (path, context) -> answer(context, "application/json", data())));
  }

  @Override
  public List<String> getCallbackTypeIDs() {
    return List.of();
  }

  @Override
  public void reportStorageEvents(Collection<StatsStorageEvent> events) {}

  @Override
  public void onAttach(StatsStorage statsStorage) {}

  @Override
  public void onDetach(StatsStorage statsStorage) {}

  @Override
  public List<I18NResource> getInternationalizationResources() {
    return List.of();
  }
}
