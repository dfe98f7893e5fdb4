package io.github.dl4jpruning.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dl4jpruning.runtime.SparseModel;
import io.github.dl4jpruning.testing.networks.RandomNetworks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Model;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

class RandomNetworksTest {

  static float[] flat(INDArray a) {
    return a.dup('c').data().asFloat();
  }

  @Test
  void probe() throws Exception {
    int done = 0;
    int bad = 0;
    Map<String, Integer> refused = new TreeMap<>();
    for (long seed = 0; seed < Integer.getInteger("probe", 150); seed++) {
      RandomNetworks networks = new RandomNetworks(seed, new Sgd(0.05), DataType.FLOAT);
      Model network;
      DataSet data;
      try {
        network = networks.network();
        data = networks.data(network);
      } catch (RuntimeException e) {
        continue;
      }
      Random random = new Random(seed);
      network
          .paramTable()
          .values()
          .forEach(
              p -> {
                for (long i = 0; i < p.length(); i++) {
                  if (random.nextInt(3) == 0)
                    p.putScalar(i, p.getDouble(i) == 0.0 ? 0.1 : p.getDouble(i) * 0);
                }
              });
      INDArray expected = RandomNetworks.output(network, data.getFeatures());
      if (!expected.equals(RandomNetworks.output(network, data.getFeatures()))) continue;
      SparseModel model;
      try {
        InferencePlan plan =
            InferencePlan.of(
                network, ExportOptions.defaults().withInputTypes(networks.inputType()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RuntimeWriter.write(plan, new HashMap<>(), false, out);
        model = SparseModel.load(new ByteArrayInputStream(out.toByteArray()));
      } catch (Throwable e) {
        String m = String.valueOf(e.getMessage());
        refused.merge(
            e.getClass().getSimpleName()
                + " "
                + m.replaceAll("layer \\S+:", "").substring(0, Math.min(m.length() - 12, 140)),
            1,
            Integer::sum);
        if (!(e instanceof IllegalArgumentException)) e.printStackTrace();
        continue;
      }
      done++;
      INDArray f = data.getFeatures();
      try {
        SparseModel.Session session = model.newSession();
        double worst = 0;
        for (int b = 0; b < f.size(0); b++) {
          INDArray one = f.get(NDArrayIndex.interval(b, b + 1));
          float[] y = session.run(flat(one));
          INDArray e1 = RandomNetworks.output(network, one);
          float[] e = flat(e1);
          if (e.length != y.length)
            throw new IllegalStateException("length " + e.length + " " + y.length);
          for (int i = 0; i < e.length; i++)
            worst = Math.max(worst, Math.abs(e[i] - y[i]) / Math.max(1e-3, Math.abs(e[i])));
        }
        if (!(worst < 1e-5)) {
          bad++;
          System.err.println(
              "BAD seed "
                  + seed
                  + " "
                  + networks.family()
                  + " worst "
                  + worst
                  + "\n"
                  + model
                  + (network instanceof org.deeplearning4j.nn.graph.ComputationGraph g
                      ? g.getConfiguration().toString()
                      : ((org.deeplearning4j.nn.multilayer.MultiLayerNetwork) network).summary()
                          + java.util.Arrays.stream(
                                  ((org.deeplearning4j.nn.multilayer.MultiLayerNetwork) network)
                                      .getLayers())
                              .map(l -> l.conf().getLayer().toString())
                              .toList()));
        }
      } catch (Throwable e) {
        bad++;
        System.err.println("FAIL seed " + seed + " " + networks.family() + "\n" + model);
        e.printStackTrace();
      }
    }
    System.err.println("done " + done + " bad " + bad);
    refused.forEach((k, v) -> System.err.println("refused " + v + " " + k));
    assertThat(bad).isZero();
  }
}
