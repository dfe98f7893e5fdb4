package io.github.dl4jpruning.activations;

import io.github.dl4jpruning.mask.Mask;
import io.github.dl4jpruning.model.NetworkParameters;
import io.github.dl4jpruning.model.NetworkStore;
import io.github.dl4jpruning.select.KernelLayout;
import io.github.dl4jpruning.select.PrunableParameter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * The weights of a layer as one matrix, with a row for each output and a column for each input.
 * Those of a convolution have a column for each position of a kernel. In a recurrent layer a row
 * belongs to a gate of a unit; the inputs come first, then the outputs of the step before.
 *
 * @param name the name of the layer
 * @param blocks the parameters, side by side
 * @param bias the bias, with an element for each row; empty if the layer has none
 */
public record LinearLayer(String name, List<Block> blocks, Optional<PrunableParameter> bias) {

  /**
   * A parameter inside the matrix.
   *
   * @param parameter the parameter
   * @param rows the number of rows
   * @param columns the number of its columns
   * @param flat the flat index of each element, row by row
   */
  @SuppressWarnings("ArrayRecordComponent") // only handed on
  public record Block(PrunableParameter parameter, int rows, int columns, int[] flat) {

    /**
     * Reads the meaning of each element.
     *
     * @param gates whether positions are gates, which are rows, and not those of a kernel
     */
    static Block of(PrunableParameter parameter, boolean gates) {
      KernelLayout layout = parameter.layout();
      int outputs = layout.outputs();
      int inputs = layout.inputs();
      int positions = parameter.length() / outputs / inputs;
      int rows = gates ? outputs * positions : outputs;
      int columns = gates ? inputs : inputs * positions;
      int[] flat = new int[rows * columns];
      int[] seen = new int[outputs * inputs];
      layout.forEach(
          (index, output, input) -> {
            int position = seen[output * inputs + input]++;
            int row = gates ? position * outputs + output : output;
            int column = gates ? input : input * positions + position;
            flat[row * columns + column] = index;
          });
      return new Block(parameter, rows, columns, flat);
    }
  }

  /**
   * Returns whether a parameter is a part of the matrix.
   *
   * @param parameter a parameter of the network
   * @return true for weights, not for the bias
   */
  public boolean has(PrunableParameter parameter) {
    return blocks.stream().anyMatch(block -> block.parameter().equals(parameter));
  }

  int rows() {
    return blocks.get(0).rows();
  }

  int columns() {
    return blocks.stream().mapToInt(Block::columns).sum();
  }

  /**
   * Returns the weights.
   *
   * @param network the network
   * @return a copy, a row for each output
   * @throws IllegalStateException if one is not finite
   */
  public double[][] weights(NetworkParameters network) {
    double[][] rows = new double[rows()][columns()];
    int from = 0;
    for (Block block : blocks) {
      double[] values = network.finiteValues(block.parameter());
      for (int i = 0; i < block.flat().length; i++) {
        rows[i / block.columns()][from + i % block.columns()] = values[block.flat()[i]];
      }
      from += block.columns();
    }
    return rows;
  }

  /**
   * Returns which weights stay.
   *
   * @param masks gives the mask of a parameter; all weights without a mask stay
   * @return true for those that stay, in the shape of the matrix
   */
  public boolean[][] kept(Function<PrunableParameter, Optional<Mask>> masks) {
    boolean[][] rows = new boolean[rows()][columns()];
    int from = 0;
    for (Block block : blocks) {
      Optional<Mask> mask = masks.apply(block.parameter());
      for (int i = 0; i < block.flat().length; i++) {
        int at = block.flat()[i];
        rows[i / block.columns()][from + i % block.columns()] =
            mask.isEmpty() || mask.get().isKept(at);
      }
      from += block.columns();
    }
    return rows;
  }

  /**
   * Returns the values of one parameter.
   *
   * @param parameter a part of the matrix
   * @param rows values in the shape of the matrix
   * @return its values by flat index
   */
  public double[] flat(PrunableParameter parameter, double[][] rows) {
    double[] values = new double[parameter.length()];
    int from = 0;
    for (Block block : blocks) {
      if (block.parameter().equals(parameter)) {
        for (int i = 0; i < block.flat().length; i++) {
          values[block.flat()[i]] = rows[i / block.columns()][from + i % block.columns()];
        }
      }
      from += block.columns();
    }
    return values;
  }

  /**
   * Gives each weight the value of the input that it reads.
   *
   * @param parameter a part of the matrix
   * @param columns a value for each input
   * @return a value for each weight of the parameter, by flat index
   */
  public double[] spread(PrunableParameter parameter, double[] columns) {
    double[][] rows = new double[rows()][];
    Arrays.fill(rows, columns);
    return flat(parameter, rows);
  }

  /** The inverse of {@link #spread}: sets the values of the inputs that the parameter reads. */
  void gather(PrunableParameter parameter, double[] values, double[] columns) {
    int from = 0;
    for (Block block : blocks) {
      if (block.parameter().equals(parameter)) {
        for (int c = 0; c < block.columns(); c++) {
          columns[from + c] = values[block.flat()[c]];
        }
      }
      from += block.columns();
    }
  }

  /**
   * Makes the mask of a layer of one parameter.
   *
   * @param kept true for the weights that stay, in the shape of the matrix
   * @return the mask of the first parameter
   */
  public Mask mask(boolean[][] kept) {
    Block block = blocks.get(0);
    boolean[] flat = new boolean[block.parameter().length()];
    for (int i = 0; i < block.flat().length; i++) {
      flat[block.flat()[i]] = kept[i / block.columns()][i % block.columns()];
    }
    return Mask.of(flat);
  }

  /**
   * Writes weights, and lets the bias take up what changes in the mean of the outputs.
   *
   * @param network the network
   * @param before the weights before
   * @param after the new weights
   * @param meansBefore the mean of each input before; zeros if the bias stays as it is
   * @param meansAfter the mean of each input now; zeros if the bias stays as it is
   */
  public void write(
      NetworkParameters network,
      double[][] before,
      double[][] after,
      double[] meansBefore,
      double[] meansAfter) {
    for (Block block : blocks) {
      NetworkStore.setValues(network, block.parameter(), flat(block.parameter(), after));
    }
    if (bias.isEmpty()
        || DoubleStream.concat(Arrays.stream(meansBefore), Arrays.stream(meansAfter))
            .allMatch(mean -> mean == 0)) {
      return;
    }
    double[] values = network.finiteValues(bias.get());
    for (int r = 0; r < before.length; r++) {
      for (int c = 0; c < meansBefore.length; c++) {
        values[r] += before[r][c] * meansBefore[c] - after[r][c] * meansAfter[c];
      }
    }
    NetworkStore.setValues(network, bias.get(), values);
  }
}
