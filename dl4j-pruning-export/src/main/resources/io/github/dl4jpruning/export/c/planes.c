/*
 * Functions of planes: channel after channel, each of depth x height x width positions. A line of three slashes begins
 * a function: its name, then those that it calls. KIND, START, ADD and FINISH are replaced for each kind of pooling.
 */

/// window:
/* The window of a kernel: depth, height and width of input, output and kernel, and how they lie. */
struct window {
  SIZE_T in[3], out[3], size[3], stride[3], dilation[3], zeros[3];
};

/// add_place: window
/* Adds the part of one weight to a plane of outputs. Its column is its input channel, then its place in the kernel. */
static void add_place(const struct window *w, int32_t column, float weight, const float *x, float *y)
{
  int32_t at[3], first[3], end[3];
  for (int a = 2; a >= 0; a--) {
    const int32_t stride = w->stride[a];
    at[a] = column % w->size[a] * w->dilation[a] - w->zeros[a];
    column /= w->size[a];
    first[a] = at[a] < 0 ? (stride - 1 - at[a]) / stride : 0;
    end[a] = at[a] < w->in[a] ? (w->in[a] - 1 - at[a]) / stride + 1 : 0;
    end[a] = end[a] < w->out[a] ? end[a] : w->out[a];
  }
  x += column * w->in[0] * w->in[1] * w->in[2];
  for (int32_t d = first[0]; d < end[0]; d++) {
    for (int32_t h = first[1]; h < end[1]; h++) {
      const int32_t line = (d * w->stride[0] + at[0]) * w->in[1] + h * w->stride[1] + at[1];
      const float *restrict from = x + line * w->in[2];
      float *restrict to = y + (d * w->out[1] + h) * w->out[2];
      const int32_t last = end[2], shift = at[2]; /* shift may lie before the line, i + shift does not */
      int32_t i = first[2];
      if (w->stride[2] == 1) {
        for (; i + 3 < last; i += 4) { /* reads before it writes, which compilers turn into vectors */
          const float s0 = to[i] + weight * from[i + shift];
          const float s1 = to[i + 1] + weight * from[i + shift + 1];
          const float s2 = to[i + 2] + weight * from[i + shift + 2];
          const float s3 = to[i + 3] + weight * from[i + shift + 3];
          to[i] = s0;
          to[i + 1] = s1;
          to[i + 2] = s2;
          to[i + 3] = s3;
        }
        for (; i < last; i++) {
          to[i] += weight * from[i + shift];
        }
      } else {
        for (; i < last; i++) {
          to[i] += weight * from[i * w->stride[2] + shift];
        }
      }
    }
  }
}

/// covered: window
/* The first position within the border that an output reads along an axis, and how many places it reads there. */
struct range {
  int32_t from, count;
};

static struct range covered(const struct window *w, int axis, int32_t output)
{
  const int32_t at = output * w->stride[axis] - w->zeros[axis];
  const int32_t step = w->dilation[axis];
  const int32_t first = at < 0 ? (step - 1 - at) / step : 0;
  int32_t end = at < w->in[axis] ? (w->in[axis] - at + step - 1) / step : 0;
  struct range range;
  end = end < w->size[axis] ? end : w->size[axis];
  range.from = at + first * step;
  range.count = end > first ? end - first : 0;
  return range;
}

/// pool: covered
/* Pooling by KIND: each output reads the places of its window that lie within the border. */
static void pool_KIND(const struct window *w, int32_t channelsPARAMETER, const float *x, float *y)
{
  const int32_t size = (int32_t)w->in[0] * w->in[1] * w->in[2];
  for (int32_t c = 0; c < channels; c++, x += size) {
    for (int32_t d = 0; d < w->out[0]; d++) {
      const struct range z = covered(w, 0, d);
      for (int32_t h = 0; h < w->out[1]; h++) {
        const struct range row = covered(w, 1, h);
        for (int32_t i = 0; i < w->out[2]; i++) {
          const struct range at = covered(w, 2, i);
          const int32_t count = COUNT;
          float sum = START;
          for (int32_t a = 0; a < z.count; a++) {
            for (int32_t b = 0; b < row.count; b++) {
              const int32_t line = (z.from + a * w->dilation[0]) * w->in[1] + row.from + b * w->dilation[1];
              for (int32_t e = 0; e < at.count; e++) {
                const float v = x[line * w->in[2] + at.from + e * w->dilation[2]];
                ADD
              }
            }
          }
          FINISH
          *y++ = sum;
        }
      }
    }
  }
}

/// global:
/* Pooling by KIND over all positions or steps. */
static void global_KIND(
    int32_t outputs, int32_t distance, int32_t count, int32_t stridePARAMETER, const float *x, float *y)
{
  for (int32_t o = 0; o < outputs; o++) {
    float sum = START;
    for (int32_t i = 0; i < count; i++) {
      const float v = x[o * distance + i * stride];
      ADD
    }
    FINISH
    y[o] = sum;
  }
}

/// source:
/* The position that position o comes from along an axis of n positions: one of them, or none. */
static int32_t source(int32_t o, int32_t n, int32_t before, int32_t times, int32_t distance)
{
  const int32_t at = (o - before) / times;
  if (o < before || at % distance != 0 || at / distance >= n) {
    return -1;
  }
  return at / distance;
}

/// resample: source
/*
 * Other positions: along each axis zeros in front (or positions cut off), each position several times, or with zeros
 * in between. Three numbers each.
 */
static void resample(int32_t channels, const int32_t *in, const int32_t *out, const int32_t *before,
    const int32_t *times, const int32_t *distance, const float *x, float *y)
{
  const int32_t size = in[0] * in[1] * in[2];
  for (int32_t c = 0; c < channels; c++, x += size) {
    for (int32_t d = 0; d < out[0]; d++) {
      const int32_t z = source(d, in[0], before[0], times[0], distance[0]);
      for (int32_t h = 0; h < out[1]; h++) {
        const int32_t row = source(h, in[1], before[1], times[1], distance[1]);
        for (int32_t i = 0; i < out[2]; i++) {
          const int32_t at = source(i, in[2], before[2], times[2], distance[2]);
          *y++ = z < 0 || row < 0 || at < 0 ? 0.0f : x[(z * in[1] + row) * in[2] + at];
        }
      }
    }
  }
}
