package io.github.dl4jpruning.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Data and models as users bring them. */
final class OwnData {

  private OwnData() {}

  /** Three kinds of flowers, with a column of texts and one of noise; kinds are texts. */
  static Path flowers(Path file, int rows) throws IOException {
    Random random = new Random(1);
    List<String> lines = new ArrayList<>(List.of("length,width,colour,noise,kind"));
    for (int i = 0; i < rows; i++) {
      int kind = i % 3;
      lines.add(
          String.format(
              Locale.ROOT,
              "%.2f,%.2f,%s,%.2f,%s",
              100 + 30 * kind + 8 * random.nextGaussian(),
              10 + 3 * (kind % 2) + random.nextGaussian(),
              random.nextBoolean() ? "red" : "blue",
              random.nextGaussian(),
              List.of("rose", "lily", "iris").get(kind)));
    }
    return Files.write(file, lines);
  }

  /** Prices by size and age. */
  static Path houses(Path file, int rows) throws IOException {
    Random random = new Random(2);
    List<String> lines = new ArrayList<>(List.of("id;size;age;price"));
    for (int i = 0; i < rows; i++) {
      double size = 50 + 100 * random.nextDouble();
      double age = 80 * random.nextDouble();
      double price = 2 * size / 100 - age / 80 + 0.05 * random.nextGaussian();
      lines.add(String.format(Locale.ROOT, "%d;%.1f;%.1f;%.3f", i, size, age, price));
    }
    return Files.write(file, lines);
  }

  /** Discs and bars on a noisy ground, as PNG and JPEG of several sizes. */
  static Path shapes(Path folder, int each) throws IOException {
    Random random = new Random(3);
    for (String kind : List.of("bar", "disc")) {
      Path own = Files.createDirectories(folder.resolve(kind));
      for (int i = 0; i < each; i++) {
        int side = 20 + random.nextInt(30);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(random.nextInt(60), random.nextInt(60), random.nextInt(60)));
        graphics.fillRect(0, 0, side, side);
        graphics.setColor(new Color(200, 180 + random.nextInt(60), 90));
        if (kind.equals("disc")) {
          graphics.fillOval(side / 4, side / 4, side / 2, side / 2);
        } else {
          graphics.fillRect(side / 8, side / 3, 3 * side / 4, side / 4);
        }
        graphics.dispose();
        String format = i % 3 == 0 ? "jpg" : "png";
        ImageIO.write(
            image, format, own.resolve(String.format(Locale.ROOT, "%03d.%s", i, format)).toFile());
      }
    }
    return folder;
  }

  /** Rising and falling sequences of different lengths, a folder for each class. */
  static Path trends(Path folder, int each) throws IOException {
    Random random = new Random(4);
    for (String kind : List.of("falling", "rising")) {
      Path own = Files.createDirectories(folder.resolve(kind));
      for (int i = 0; i < each; i++) {
        int steps = 5 + random.nextInt(10);
        List<String> lines = new ArrayList<>(List.of("value,noise"));
        for (int t = 0; t < steps; t++) {
          double slope = kind.equals("rising") ? 0.3 : -0.3;
          lines.add(
              String.format(
                  Locale.ROOT,
                  "%.3f,%.3f",
                  slope * t + 0.1 * random.nextGaussian(),
                  random.nextGaussian()));
        }
        Files.write(own.resolve(String.format(Locale.ROOT, "%03d.csv", i)), lines);
      }
    }
    return folder;
  }

  static Path perceptron(Path file, int inputs, int outputs) throws IOException {
    boolean classes = outputs > 1;
    return save(
        file,
        network(
            InputType.feedForward(inputs),
            new DenseLayer.Builder().nOut(24).activation(Activation.RELU).build(),
            new OutputLayer.Builder(classes ? LossFunction.MCXENT : LossFunction.MSE)
                .nOut(outputs)
                .activation(classes ? Activation.SOFTMAX : Activation.IDENTITY)
                .build()));
  }

  static Path convolutional(Path file) throws IOException {
    return save(
        file,
        network(
            InputType.convolutional(16, 16, 3),
            new ConvolutionLayer.Builder(3, 3).nOut(6).activation(Activation.RELU).build(),
            new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(),
            new DenseLayer.Builder().nOut(16).activation(Activation.RELU).build(),
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build()));
  }

  static Path recurrent(Path file, boolean perStep) throws IOException {
    Layer lstm = new LSTM.Builder().nOut(8).activation(Activation.TANH).build();
    return save(
        file,
        perStep
            ? network(
                InputType.recurrent(2),
                lstm,
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(2)
                    .activation(Activation.SOFTMAX)
                    .build())
            : network(
                InputType.recurrent(2),
                new LastTimeStep(lstm),
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(2)
                    .activation(Activation.SOFTMAX)
                    .build()));
  }

  private static MultiLayerNetwork network(InputType input, Layer... layers) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().seed(5).updater(new Adam(0.01)).list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    return network;
  }

  private static Path save(Path file, MultiLayerNetwork network) throws IOException {
    ModelSerializer.writeModel(network, file.toFile(), true);
    return file;
  }
}
