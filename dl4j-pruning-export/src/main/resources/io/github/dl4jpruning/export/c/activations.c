/*
 * Activations. A line of three slashes begins a function: its name, then those that it calls. NAME, PARAMETERS and
 * ARGUMENTS are replaced in the loop for each activation.
 */

/// apply:
static void apply_NAME(float *x, int32_t countPARAMETERS)
{
  for (int32_t i = 0; i < count; i++) {
    x[i] = NAME(x[i]ARGUMENTS);
  }
}

/// relu:
static float relu(float v)
{
  return v < 0.0f ? 0.0f : v;
}

/// bounded_relu:
static float bounded_relu(float v, float slope, float threshold, float most)
{
  return v < threshold ? slope * (v - threshold) : v > most ? most : v;
}

/// sigmoid:
static float sigmoid(float v)
{
  return 1.0f / (1.0f + expf(-v));
}

/// tanh_of:
static float tanh_of(float v)
{
  return tanhf(v);
}

/// elu:
static float elu(float v, float alpha)
{
  return v < 0.0f ? alpha * expm1f(v) : v;
}

/// selu:
static float selu(float v, float lambda, float alpha)
{
  return v > 0.0f ? lambda * v : lambda * alpha * expm1f(v);
}

/// softplus:
static float softplus(float v)
{
  return v > 0.0f ? v + log1pf(expf(-v)) : log1pf(expf(v));
}

/// softsign:
static float softsign(float v)
{
  return v / (1.0f + fabsf(v));
}

/// cube:
static float cube(float v)
{
  return v * v * v;
}

/// hard_sigmoid:
static float hard_sigmoid(float v)
{
  const float line = 0.2f * v + 0.5f;
  return line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line;
}

/// hard_tanh:
static float hard_tanh(float v)
{
  return v < -1.0f ? -1.0f : v > 1.0f ? 1.0f : v;
}

/// rational_tanh:
static float rational_tanh(float v)
{
  const float y = fabsf(2.0f * v / 3.0f);
  const float t = 1.0f - 1.0f / (1.0f + y + y * y + 1.41645f * y * y * y * y);
  return 1.7159f * (v < 0.0f ? -t : t);
}

/// rectified_tanh:
static float rectified_tanh(float v)
{
  return v < 0.0f ? 0.0f : tanhf(v);
}

/// swish: sigmoid
static float swish(float v)
{
  return v * sigmoid(v);
}

/// mish: softplus
static float mish(float v)
{
  return v * tanhf(softplus(v));
}

/// gelu: sigmoid
static float gelu(float v)
{
  return v * sigmoid(1.702f * v);
}

/// precise_gelu:
static float precise_gelu(float v)
{
  return 0.5f * v * (1.0f + tanhf(0.7978845608f * (v + 0.044715f * v * v * v)));
}

/// thresholded_relu:
static float thresholded_relu(float v, float theta)
{
  return v <= theta ? 0.0f : v;
}

/// random_relu:
static float random_relu(float v, float alpha)
{
  return v < alpha ? alpha : v;
}
