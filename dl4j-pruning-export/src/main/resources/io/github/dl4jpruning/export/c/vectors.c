/* Functions of numbers that lie one after the other. A line of three slashes begins a function. */

/// fill:
static void fill(float *x, int32_t count, float value)
{
  for (int32_t i = 0; i < count; i++) {
    x[i] = value;
  }
}

/// copy:
static void copy(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] = x[i];
  }
}

/// gather:
/* Every stride-th number of x. */
static void gather(const float *x, float *y, int32_t count, int32_t stride)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] = x[i * stride];
  }
}

/// scatter:
/* To every stride-th number of y. */
static void scatter(const float *x, float *y, int32_t count, int32_t stride)
{
  for (int32_t i = 0; i < count; i++) {
    y[i * stride] = x[i];
  }
}

/// transpose:
/* x has so many rows and columns. */
static void transpose(const float *x, float *y, int32_t rows, int32_t columns)
{
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t c = 0; c < columns; c++) {
      y[c * rows + r] = x[r * columns + c];
    }
  }
}

/// scale_shift:
/* y = scale x + shift; each scale is for some numbers that follow each other. */
static void scale_shift(
    int32_t scales, int32_t each, const float *scale, const float *shift, const float *x, float *y)
{
  for (int32_t s = 0; s < scales; s++) {
    for (int32_t i = 0; i < each; i++) {
      *y++ = scale[s] * *x++ + shift[s];
    }
  }
}

/// prelu:
/* y = x, or slope x below zero; each slope is for some numbers that follow each other. */
static void prelu(int32_t slopes, int32_t each, const float *slope, const float *x, float *y)
{
  for (int32_t s = 0; s < slopes; s++) {
    for (int32_t i = 0; i < each; i++, x++) {
      *y++ = *x < 0.0f ? slope[s] * *x : *x;
    }
  }
}

/// combine_add:
static void combine_add(float *y, const float *x, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] += x[i];
  }
}

/// combine_subtract:
static void combine_subtract(float *y, const float *x, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] -= x[i];
  }
}

/// combine_product:
static void combine_product(float *y, const float *x, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] *= x[i];
  }
}

/// combine_max:
static void combine_max(float *y, const float *x, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i]; /* keeps NaN */
  }
}

/// divide:
static void divide(float *x, int32_t count, float by)
{
  for (int32_t i = 0; i < count; i++) {
    x[i] /= by;
  }
}

/// softmax:
/* e^x / sum of e^x over numbers at equal distances. */
static void softmax(int32_t count, int32_t stride, const float *x, float *y)
{
  float most = -INFINITY, sum = 0.0f;
  for (int32_t i = 0; i < count; i++) {
    most = x[i * stride] > most ? x[i * stride] : most;
  }
  for (int32_t i = 0; i < count; i++) {
    y[i * stride] = expf(x[i * stride] - most);
    sum += y[i * stride];
  }
  for (int32_t i = 0; i < count; i++) {
    y[i * stride] /= sum;
  }
}

/// layer_norm:
/* gain (x - mean) / deviation + bias over numbers at equal distances. */
static void layer_norm(
    int32_t count, int32_t stride, const float *gain, const float *bias, const float *x, float *y)
{
  float mean = 0.0f, squares = 0.0f, deviation;
  for (int32_t i = 0; i < count; i++) {
    mean += x[i * stride];
  }
  mean /= (float)count;
  for (int32_t i = 0; i < count; i++) {
    squares += (x[i * stride] - mean) * (x[i * stride] - mean);
  }
  deviation = sqrtf(squares / (float)count);
  for (int32_t i = 0; i < count; i++) {
    const float v = deviation == 0.0f ? 0.0f : (x[i * stride] - mean) / deviation;
    y[i * stride] = gain[i] * v + (bias == 0 ? 0.0f : bias[i]);
  }
}

/// response_norm:
/* x / (k + alpha sum of x^2)^beta; the sum has so many channels on each side. y is another place than x. */
static void response_norm(int32_t count, int32_t stride, int32_t side, float k, float alpha, float beta,
    const float *x, float *y)
{
  for (int32_t i = 0; i < count; i++) {
    float sum = 0.0f;
    for (int32_t c = i < side ? 0 : i - side; c < count && c <= i + side; c++) {
      sum += x[c * stride] * x[c * stride];
    }
    y[i * stride] = x[i * stride] / powf(k + alpha * sum, beta);
  }
}

/// unit_norm:
/* x / its Euclidean norm, which is at least epsilon. */
static void unit_norm(int32_t count, float epsilon, const float *x, float *y)
{
  float norm = 0.0f;
  for (int32_t i = 0; i < count; i++) {
    norm += x[i] * x[i];
  }
  norm = sqrtf(norm);
  norm = norm > epsilon ? norm : epsilon;
  for (int32_t i = 0; i < count; i++) {
    y[i] = x[i] / norm;
  }
}

/// masked:
/* Whether a step has nothing but the value of masked steps. */
static int masked(const float *x, int32_t count, float value)
{
  for (int32_t i = 0; i < count; i++) {
    if (x[i] != value) {
      return 0;
    }
  }
  return 1;
}

/// add_products:
/* y += a b. */
static void add_products(float *y, const float *a, const float *b, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    y[i] += a[i] * b[i];
  }
}

/// next_cells:
/* Cells of an LSTM: c = f c + g a, with the gates a, f, o, g one after the other. */
static void next_cells(const float *gates, float *cells, int32_t units)
{
  for (int32_t i = 0; i < units; i++) {
    cells[i] = gates[units + i] * cells[i] + gates[3 * units + i] * gates[i];
  }
}
