package io.github.dl4jpruning.export.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs models in ONNX Runtime, in a process without ND4J: beside ND4J's libraries an error of ONNX
 * Runtime ends the process.
 *
 * <p>For each {@code x.onnx} in the folder it reads {@code x.in} and writes {@code x.out}, or the
 * message to {@code x.error}. The files hold a number of tensors, each as name, axes and elements.
 */
final class OnnxMain {

  private OnnxMain() {}

  public static void main(String[] args) throws IOException, OrtException {
    Path folder = Path.of(args[0]);
    List<Path> models;
    try (Stream<Path> files = Files.list(folder)) {
      models = files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    for (Path model : models) {
      try {
        run(environment, model);
      } catch (OrtException e) {
        Files.writeString(other(model, ".error"), String.valueOf(e.getMessage()));
      }
    }
  }

  private static Path other(Path model, String ending) {
    return Path.of(model.toString().replaceAll("\\.onnx$", ending));
  }

  private static void run(OrtEnvironment environment, Path model) throws IOException, OrtException {
    OrtSession.SessionOptions single = new OrtSession.SessionOptions();
    single.setIntraOpNumThreads(1);
    try (OrtSession session = environment.createSession(model.toString(), single)) {
      Files.writeString(
          other(model, ".info"), described(session.getInputInfo(), session.getOutputInfo()));
      Map<String, OnnxTensor> inputs = new HashMap<>();
      for (Map.Entry<String, Tensor> input : read(other(model, ".in")).entrySet()) {
        inputs.put(
            input.getKey(),
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(input.getValue().values), input.getValue().shape));
      }
      Map<String, Tensor> outputs = new HashMap<>();
      try (OrtSession.Result result = session.run(inputs)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          OnnxTensor tensor = (OnnxTensor) output.getValue();
          FloatBuffer buffer = tensor.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          outputs.put(output.getKey(), new Tensor(tensor.getInfo().getShape(), values));
        }
      }
      write(other(model, ".out"), outputs);
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static String described(Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    StringBuilder text = new StringBuilder();
    inputs.values().forEach(info -> text.append("in ").append(info).append('\n'));
    outputs.values().forEach(info -> text.append("out ").append(info).append('\n'));
    return text.toString();
  }

  /** A tensor: its shape, and its elements in row-major order. */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  record Tensor(long[] shape, float[] values) {}

  static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeInt(tensors.size());
      for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
        out.writeUTF(tensor.getKey());
        out.writeInt(tensor.getValue().shape.length);
        for (long size : tensor.getValue().shape) {
          out.writeLong(size);
        }
        out.writeInt(tensor.getValue().values.length);
        for (float value : tensor.getValue().values) {
          out.writeFloat(value);
        }
      }
    }
  }

  static Map<String, Tensor> read(Path file) throws IOException {
    Map<String, Tensor> tensors = new HashMap<>();
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      int count = in.readInt();
      for (int t = 0; t < count; t++) {
        String name = in.readUTF();
        List<Long> shape = new ArrayList<>();
        for (int axes = in.readInt(); axes > 0; axes--) {
          shape.add(in.readLong());
        }
        float[] values = new float[in.readInt()];
        for (int i = 0; i < values.length; i++) {
          values[i] = in.readFloat();
        }
        tensors.put(name, new Tensor(shape.stream().mapToLong(n -> n).toArray(), values));
      }
    }
    return tensors;
  }
}
