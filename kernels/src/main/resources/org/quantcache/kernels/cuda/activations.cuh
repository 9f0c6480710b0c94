// Activation functions in f32.
#pragma once

#include "device.cuh"

namespace activations {

// x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3): the form with tanh without its tanh. The constants hold log2 e.
QC_DEVICE float gelu(float x) {
  float exponent = x * (x * x * -0.10294324f + -2.3022082f);
  return divide_fast(x, 1.0f + exp2_fast(exponent));
}

// x / (1 + e^-x)
QC_DEVICE float silu(float x) { return divide_fast(x, 1.0f + exp2_fast(x * -1.44269504f)); }

}  // namespace activations
