// What the ways of computing attention share: where the rows of heads lie, and the words for softmax.
#pragma once

#include "device.cuh"

namespace attention {

// Softmax is taken to base 2: scores carry this factor.
constexpr float LOG2_E = 1.4426950408889634f;
// Score of a key that does not exist. Finite, so that no difference of two scores is a NaN.
constexpr float NO_SCORE = -1e30f;

// Queries and keys as bytes are symmetric around zero; so many keys share a scale.
constexpr float LARGEST_BYTE = 127.0f;
constexpr int KEYS_PER_SCALE = 64;

QC_DEVICE constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }

template <class T>
constexpr bool is_bf16 = false;
template <>
constexpr bool is_bf16<bf16> = true;

// Moves of 16 bytes: eight 16-bit or four 32-bit elements.
struct alignas(16) Cells {
  u32 words[4];
};
struct alignas(16) Floats {
  float values[4];
};

// Rows of one head at a constant distance; those from `count` on do not exist.
template <class T>
struct Line {
  T* base;
  int stride;
  int count;

  QC_DEVICE bool exists(int row) const { return row < count; }
  QC_DEVICE T* at(int row) const { return base + (long long)row * stride; }
  QC_DEVICE int place(int row) const { return row; }
};

// The sequence and head of a work item of self-attention.
struct Item {
  long long row;
  int head;
};

// How rows of a tensor [B, T, S, ...] form sequences along frames or places, in rows.
struct Sequences {
  int sequences;
  int sample_rows;
  int sequence_rows;
  int place_rows;

  QC_DEVICE long long first_row(int sample, int sequence) const {
    return (long long)sample * sample_rows + (long long)sequence * sequence_rows;
  }
};

// Where attention finds its keys.
enum class Keys {
  BESIDE,  // in rows of q, k and v, not yet normed and rotated
  FLOATS,  // ready, in rows of k alone
  BYTES    // ready, as whole numbers; the keys of a head one after the other
};

template <class Shape>
QC_DEVICE Item item_at(const Sequences& at, int item) {
  int sequence = item / Shape::heads;
  int sample = sequence / at.sequences;
  return {at.first_row(sample, sequence - sample * at.sequences), item - sequence * Shape::heads};
}

}  // namespace attention
