/*
 * Functions with weights. SUFFIX, MATRIX, NEXT, WEIGHT and SCALED are replaced: a function for each form of a matrix
 * that a program has. OUTPUT, PLANE and DONE are replaced, too: a convolution can pool each plane as soon as it is
 * there. A line of three slashes begins a function: its name, then those that it calls.
 */

/// linear_sparse:
/* y = W x + b for a vector. A row of W is a list of weights, each with its distance from the one before. */
static void linear_SUFFIX(int32_t count, MATRIX, const float *bias, const float *x, float *y)
{
  int32_t k = 0;
  for (int32_t r = 0; r < count; r++) {
    const float *at = x;
    float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f; /* four sums, so that one need not wait for the other */
    for (int32_t n = (int32_t)rows[r] % 4; n > 0; n--, k++) {
      NEXT(at)
      s0 += WEIGHT(k) * *at;
    }
    for (int32_t n = (int32_t)rows[r] / 4; n > 0; n--, k += 4) {
      NEXT(at)
      s0 += WEIGHT(k) * *at;
      NEXT(at)
      s1 += WEIGHT(k + 1) * *at;
      NEXT(at)
      s2 += WEIGHT(k + 2) * *at;
      NEXT(at)
      s3 += WEIGHT(k + 3) * *at;
    }
    s0 = (s0 + s1) + (s2 + s3);
    y[r] = (bias == 0 ? 0.0f : bias[r]) + SCALED(s0, r);
  }
}

/// linear_few:
/* y = W x + b for a vector. A row of W is a list of weights, each with its distance from the one before. */
static void linear_SUFFIX(int32_t count, MATRIX, const float *bias, const float *x, float *y)
{
  int32_t k = 0;
  for (int32_t r = 0; r < count; r++) {
    const float *at = x;
    float s0 = 0.0f;
    for (int32_t n = (int32_t)rows[r]; n > 0; n--, k++) {
      NEXT(at)
      s0 += WEIGHT(k) * *at;
    }
    y[r] = (bias == 0 ? 0.0f : bias[r]) + SCALED(s0, r);
  }
}

/// linear_dense:
/* y = W x + b for a vector. */
static void linear_SUFFIX(int32_t count, MATRIX, int32_t columns, const float *bias, const float *x, float *y)
{
  int32_t k = 0;
  for (int32_t r = 0; r < count; r++) {
    const float *at = x;
    float s0 = 0.0f, s1 = 0.0f, s2 = 0.0f, s3 = 0.0f; /* four sums, so that one need not wait for the other */
    for (int32_t n = columns % 4; n > 0; n--, k++) {
      s0 += WEIGHT(k) * *at++;
    }
    for (int32_t n = columns / 4; n > 0; n--, k += 4, at += 4) {
      s0 += WEIGHT(k) * at[0];
      s1 += WEIGHT(k + 1) * at[1];
      s2 += WEIGHT(k + 2) * at[2];
      s3 += WEIGHT(k + 3) * at[3];
    }
    s0 = (s0 + s1) + (s2 + s3);
    y[r] = (bias == 0 ? 0.0f : bias[r]) + SCALED(s0, r);
  }
}

/// convolve_sparse: add_place, fill
/* y = W * x + b for planes: each weight adds one moved plane of x to a plane of outputs. */
static void convolve_SUFFIX(
    int32_t count, MATRIX, const float *bias, const struct window *w, const float *x, OUTPUT)
{
  const int32_t size = (int32_t)w->out[0] * w->out[1] * w->out[2];
  int32_t k = 0;
  for (int32_t r = 0; r < count; r++) {
    int32_t column = 0;
    fill(PLANE, size, bias == 0 ? 0.0f : bias[r]);
    for (int32_t n = (int32_t)rows[r]; n > 0; n--, k++) {
      NEXT(column)
      add_place(w, column, SCALED(WEIGHT(k), r), x, PLANE);
    }
    DONE
  }
}

/// convolve_dense: add_place, fill
/* y = W * x + b for planes: each weight adds one moved plane of x to a plane of outputs. */
static void convolve_SUFFIX(
    int32_t count, MATRIX, int32_t columns, const float *bias, const struct window *w, const float *x, OUTPUT)
{
  const int32_t size = (int32_t)w->out[0] * w->out[1] * w->out[2];
  int32_t k = 0;
  for (int32_t r = 0; r < count; r++) {
    fill(PLANE, size, bias == 0 ? 0.0f : bias[r]);
    for (int32_t column = 0; column < columns; column++, k++) {
      const float weight = SCALED(WEIGHT(k), r);
      if (weight != 0.0f) {
        add_place(w, column, weight, x, PLANE);
      }
    }
    DONE
  }
}

/// embed_sparse:
/* The row of a word, plus b; 1 if there is no such word. */
static int embed_SUFFIX(
    int32_t words, MATRIX, int32_t columns, const float *bias, const float *x, float *y)
{
  int32_t r;
  float *at = y;
  if (!(x[0] >= 0.0f && x[0] < (float)words)) {
    return 1;
  }
  r = (int32_t)x[0];
  for (int32_t c = 0; c < columns; c++) {
    y[c] = bias == 0 ? 0.0f : bias[c];
  }
  for (int32_t k = (int32_t)rows[r]; k < (int32_t)rows[r + 1]; k++) {
    at += gaps[k];
    *at += SCALED(WEIGHT(k), r);
  }
  return 0;
}

/// embed_dense:
/* The row of a word, plus b; 1 if there is no such word. */
static int embed_SUFFIX(int32_t words, MATRIX, int32_t columns, const float *bias, const float *x, float *y)
{
  int32_t r;
  if (!(x[0] >= 0.0f && x[0] < (float)words)) {
    return 1;
  }
  r = (int32_t)x[0];
  for (int32_t c = 0; c < columns; c++) {
    const int32_t k = r * columns + c;
    y[c] = (bias == 0 ? 0.0f : bias[c]) + SCALED(WEIGHT(k), r);
  }
  return 0;
}
