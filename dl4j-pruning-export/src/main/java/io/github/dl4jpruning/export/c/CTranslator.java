package io.github.dl4jpruning.export.c;

import io.github.dl4jpruning.export.Activation;
import io.github.dl4jpruning.export.Matrix;
import io.github.dl4jpruning.export.Operation;
import java.util.List;

/**
 * Turns operations into statements. An item is a vector or planes, channel after channel; a
 * sequence has one item for each time step.
 */
final class CTranslator {

  private final CBody body;
  private final CFunctions functions;
  private final CTables tables;
  private final CMatrices matrices;
  private final CActivations activations;
  private final CPlanes planes;
  private final CRecurrent recurrent;

  CTranslator(
      CBody body,
      CFunctions functions,
      CTables tables,
      CMatrices matrices,
      CPlanes planes,
      CRecurrent recurrent,
      CActivations activations) {
    this.body = body;
    this.functions = functions;
    this.tables = tables;
    this.matrices = matrices;
    this.activations = activations;
    this.planes = planes;
    this.recurrent = recurrent;
  }

  /** Adds an operation, and returns where its result is. */
  Operand add(String layer, Operation operation, Target out) {
    List<Operand> in = out.read();
    Operand x = in.get(0);
    if (operation instanceof Operation.Linear linear) {
      return activated(linear.activation(), linear(layer, linear, x, out.fresh()));
    } else if (operation instanceof Operation.Convolution convolution) {
      return planes.convolution(layer, convolution, x, out.fresh());
    } else if (operation instanceof Operation.Embedding embedding) {
      return activated(embedding.activation(), embedding(layer, embedding, x, out.fresh()));
    } else if (operation instanceof Operation.Lstm lstm) {
      return recurrent.lstm(layer, lstm, x, out);
    } else if (operation instanceof Operation.SimpleRecurrent simple) {
      return recurrent.simple(layer, simple, x, out);
    } else if (operation instanceof Operation.Combine combine) {
      return activated(combine.activation(), combined(combine.how(), out));
    } else if (operation instanceof Operation.Concatenate) {
      return concatenated(in, out.fresh());
    } else if (operation instanceof Operation.LastUnmaskedStep last) {
      return lastUnmasked(last.masked(), x, in.get(1), out.fresh());
    }
    return ofOne(layer, operation, x, out);
  }

  private Operand ofOne(String layer, Operation operation, Operand x, Target out) {
    if (operation instanceof Operation.Activate activate) {
      return activated(activate.activation(), moved(x, out));
    } else if (operation instanceof Operation.PerChannel scale) {
      return activated(scale.activation(), scaled(layer, scale, x, out.inPlace()));
    } else if (operation instanceof Operation.Slopes slopes) {
      return sloped(layer, slopes.slopes(), x, out.inPlace());
    } else if (operation instanceof Operation.Pooling pooling) {
      return planes.pooling(layer, pooling, x, out.fresh());
    } else if (operation instanceof Operation.GlobalPooling pooling) {
      return planes.pooled(pooling, x, out.fresh());
    } else if (operation instanceof Operation.Softmax softmax) {
      return softmax(softmax.along(), x, out.inPlace());
    } else if (operation instanceof Operation.LayerNormalisation norm) {
      return activated(norm.activation(), normalised(layer, norm, x, out.inPlace()));
    } else if (operation instanceof Operation.ResponseNormalisation norm) {
      return responseNormalised(norm, x, out.fresh());
    } else if (operation instanceof Operation.UnitNorm unit) {
      Operand y = out.inPlace();
      String function = functions.use("unit_norm");
      int items = unit.overSteps() ? 1 : x.items();
      int count = unit.overSteps() ? x.size() : x.item();
      body.addForEach(
          items,
          "%s(%d, %s, %s, %s);",
          function,
          count,
          CTables.number(unit.epsilon()),
          new CBody.Each(x.place(), items, count),
          new CBody.Each(y.place(), items, count));
      return y;
    }
    return arranged(layer, operation, x, out);
  }

  private Operand arranged(String layer, Operation operation, Operand x, Target out) {
    if (operation instanceof Operation.Border
        || operation instanceof Operation.Upsample
        || operation instanceof Operation.Spread) {
      return planes.resampled(layer, operation, x, out.fresh());
    } else if (operation instanceof Operation.Channels some) {
      return channels(some.first(), x, out);
    } else if (operation instanceof Operation.LastStep) {
      return out.within((x.items() - 1) * x.item());
    } else if (operation instanceof Operation.ReverseSteps) {
      return x.items() == 1 ? out.same() : reversed(x, out.fresh());
    } else if (operation instanceof Operation.RepeatSteps) {
      Operand y = out.fresh();
      body.addForEach(
          y.items(), "%s(%s, %s, %d);", functions.use("copy"), x.place(), y.each(), x.item());
      return y;
    } else if (operation instanceof Operation.Flatten flatten) {
      return turned(x, flatten.channelsLast(), x.channels(), x.positions(), x.items(), out);
    } else if (operation instanceof Operation.Unflatten unflatten) {
      int channels = out.shape().channels();
      int positions = x.channels() / channels;
      return turned(x, unflatten.channelsLast(), positions, channels, x.items(), out);
    } else if (operation instanceof Operation.StepsToWidth) {
      return turned(x, true, x.items(), x.channels(), 1, out);
    } else if (operation instanceof Operation.WidthToSteps) {
      return turned(x, true, x.channels(), x.positions(), 1, out);
    }
    throw new IllegalArgumentException(
        "layer "
            + layer
            + ": expected an operation that has a form in C, but found "
            + operation.getClass().getSimpleName());
  }

  private Operand activated(Activation activation, Operand y) {
    activations.add(activation, y.place(), y.size());
    return y;
  }

  /** Moves a value to a place where it can be changed. */
  private Operand moved(Operand x, Target out) {
    Operand y = out.inPlace();
    if (!y.place().isSame(x.place())) {
      copy(x.place(), y.place(), x.size());
    }
    return y;
  }

  private void copy(Object from, Object to, int count) {
    body.add("%s(%s, %s, %d);", functions.use("copy"), from, to, count);
  }

  private Operand linear(String layer, Operation.Linear linear, Operand x, Operand y) {
    CMatrices.Call call = matrices.call("linear", layer, "weights", linear.weights());
    String bias = tables.floats(layer, "bias", linear.bias().values());
    body.addForEach(
        y.items(),
        "%s(%s, %s, %s, %s);",
        call.function(),
        call.arguments(),
        bias,
        x.each(),
        y.each());
    return y;
  }

  private Operand embedding(String layer, Operation.Embedding embedding, Operand x, Operand y) {
    CMatrices.Call call = matrices.call("embed", layer, "words", embedding.words());
    String bias = tables.floats(layer, "bias", embedding.bias().values());
    body.begin(y.items());
    body.add(
        "if (%s(%s, %s, %s, %s) != 0) {",
        call.function(), call.arguments(), bias, x.each(), y.each());
    body.add("return 1;");
    body.add("}");
    body.end(y.items());
    return y;
  }

  private Operand combined(Operation.Combination how, Target out) {
    List<Operand> in = out.read();
    Operand y = moved(in.get(0), out);
    String function =
        functions.use(
            switch (how) {
              case SUBTRACT -> "combine_subtract";
              case PRODUCT -> "combine_product";
              case MAX -> "combine_max";
              case ADD, AVERAGE -> "combine_add";
            });
    for (Operand other : in.subList(1, in.size())) {
      body.add("%s(%s, %s, %d);", function, y.place(), other.place(), y.size());
    }
    if (how == Operation.Combination.AVERAGE) {
      body.add(
          "%s(%s, %d, %s);",
          functions.use("divide"), y.place(), y.size(), CTables.number(in.size()));
    }
    return y;
  }

  private Operand concatenated(List<Operand> in, Operand y) {
    int to = 0;
    for (Operand part : in) {
      body.addForEach(
          y.items(),
          "%s(%s, %s, %d);",
          functions.use("copy"),
          part.each(),
          y.in(y.place().at(to)).each(),
          part.item());
      to += part.item();
    }
    return y;
  }

  private Operand channels(int first, Operand x, Target out) {
    int shift = first * x.positions();
    if (x.items() == 1) {
      return out.within(shift);
    }
    Operand y = out.fresh();
    body.addForEach(
        y.items(),
        "%s(%s, %s, %d);",
        functions.use("copy"),
        x.in(x.place().at(shift)).each(),
        y.each(),
        y.item());
    return y;
  }

  /** Transposes each item, if its numbers change their order by that. */
  private Operand turned(
      Operand x, boolean transpose, int rows, int columns, int items, Target out) {
    if (!transpose || rows == 1 || columns == 1) {
      return out.same();
    }
    Operand y = out.fresh();
    int item = rows * columns;
    body.addForEach(
        items,
        "%s(%s, %s, %d, %d);",
        functions.use("transpose"),
        new CBody.Each(x.place(), items, item),
        new CBody.Each(y.place(), items, item),
        rows,
        columns);
    return y;
  }

  private Operand reversed(Operand x, Operand y) {
    String copy = functions.use("copy");
    body.begin(x.items());
    body.add(
        "%s(%s + (%d - t) * %d, %s, %d);",
        copy, x.place(), x.items() - 1, x.item(), y.each(), x.item());
    body.end(x.items());
    return y;
  }

  private Operand lastUnmasked(float value, Operand x, Operand mask, Operand y) {
    String copy = functions.use("copy");
    if (x.items() == 1) {
      copy(x.place(), y.place(), x.item());
      return y;
    }
    String masked = functions.use("masked");
    body.add("{");
    body.add("int32_t step = %d;", x.items() - 1);
    body.add(
        "while (step > 0 && %s(%s + step * %d, %d, %s)) {",
        masked, mask.place(), mask.item(), mask.item(), CTables.number(value));
    body.add("step--;");
    body.add("}");
    body.add("%s(%s + step * %d, %s, %d);", copy, x.place(), x.item(), y.place(), x.item());
    body.add("}");
    return y;
  }

  private Operand scaled(String layer, Operation.PerChannel scale, Operand x, Operand y) {
    String scales = tables.floats(layer, "scales", scale.scales().values());
    String shifts = tables.floats(layer, "shifts", scale.shifts().values());
    int count = scale.scales().values().length;
    body.addForEach(
        x.items(),
        "%s(%d, %d, %s, %s, %s, %s);",
        functions.use("scale_shift"),
        count,
        x.item() / count,
        scales,
        shifts,
        x.each(),
        y.each());
    return y;
  }

  private Operand sloped(String layer, Matrix slopes, Operand x, Operand y) {
    int count = slopes.values().length;
    body.addForEach(
        x.items(),
        "%s(%d, %d, %s, %s, %s);",
        functions.use("prelu"),
        count,
        x.item() / count,
        tables.floats(layer, "slopes", slopes.values()),
        x.each(),
        y.each());
    return y;
  }

  private Operand softmax(Operation.Axis along, Operand x, Operand y) {
    String softmax = functions.use("softmax");
    switch (along) {
      case CHANNELS -> perPosition(x, y, softmax, "", x.channels());
      case WIDTH -> {
        int rows = x.size() / x.shape().width();
        body.addForEach(
            rows,
            "%s(%d, 1, %s, %s);",
            softmax,
            x.shape().width(),
            new CBody.Each(x.place(), rows, x.shape().width()),
            new CBody.Each(y.place(), rows, x.shape().width()));
      }
      case STEPS ->
          body.addForEach(
              x.channels(),
              "%s(%d, %d, %s, %s);",
              softmax,
              x.items(),
              x.channels(),
              new CBody.Each(x.place(), x.channels(), 1),
              new CBody.Each(y.place(), x.channels(), 1));
    }
    return y;
  }

  /** Calls a function of all channels of a position, for each position of each item. */
  private void perPosition(Operand x, Operand y, String function, String more, int channels) {
    int positions = x.positions();
    body.begin(x.items());
    if (positions > 1) {
      body.add("for (int32_t p = 0; p < %d; p++) {", positions);
    }
    String at = positions > 1 ? " + p" : "";
    body.add(
        "%s(%d, %d%s, %s%s, %s%s);",
        function, channels, positions, more, x.each(), at, y.each(), at);
    if (positions > 1) {
      body.add("}");
    }
    body.end(x.items());
  }

  private Operand normalised(
      String layer, Operation.LayerNormalisation norm, Operand x, Operand y) {
    String gains = tables.floats(layer, "gains", norm.gains().values());
    String bias = tables.floats(layer, "bias", norm.bias().values());
    String more = ", " + gains + ", " + bias;
    perPosition(x, y, functions.use("layer_norm"), more, x.channels());
    return y;
  }

  private Operand responseNormalised(Operation.ResponseNormalisation norm, Operand x, Operand y) {
    String more =
        String.join(
            ", ",
            "",
            Integer.toString((int) norm.n() / 2),
            CTables.number(norm.k()),
            CTables.number(norm.alpha()),
            CTables.number(norm.beta()));
    perPosition(x, y, functions.use("response_norm"), more, x.channels());
    return y;
  }
}
