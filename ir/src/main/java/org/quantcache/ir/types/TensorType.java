package org.quantcache.ir.types;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Element kind, sizes of the axes and memory layout. A scalar has no axes. */
public record TensorType(ElementType element, List<Dim> dims, Layout layout) {
  private static final double MOST_ELEMENTS = 0x1p56;

  public TensorType {
    Objects.requireNonNull(element);
    Objects.requireNonNull(layout);
    dims = ImmutableList.copyOf(dims);
    requireCountable(dims);
  }

  /** Sizes in bits must fit a {@code long}, whatever the order in which they are multiplied. */
  private static void requireCountable(List<Dim> dims) {
    double elements = 1;
    for (Dim dim : dims) {
      elements *= Math.max(1, dim.coefficient());
    }
    if (elements > MOST_ELEMENTS) {
      throw new IllegalArgumentException("a tensor has at most 2^56 elements, found sizes " + dims);
    }
  }

  /** Row-major tensor of constant sizes. */
  public static TensorType of(ElementType element, long... sizes) {
    return new TensorType(element, Arrays.stream(sizes).mapToObj(Dim::of).toList(), Layout.ROW);
  }

  /** Row-major tensor. */
  public static TensorType of(ElementType element, List<Dim> dims) {
    return new TensorType(element, dims, Layout.ROW);
  }

  public int rank() {
    return dims.size();
  }

  /** Axis {@code index}; negative counts from the end. @throws IndexOutOfBoundsException when there is none */
  public Dim dim(int index) {
    int axis = index < 0 ? dims.size() + index : index;
    if (axis < 0 || axis >= dims.size()) {
      throw new IndexOutOfBoundsException(text() + " has no axis " + index);
    }
    return dims.get(axis);
  }

  /** Constant size of an axis. @throws IllegalStateException when it is symbolic */
  public long size(int index) {
    return dim(index)
        .constant()
        .orElseThrow(
            () -> new IllegalStateException("axis " + index + " of " + text() + " is symbolic"));
  }

  public boolean isConstant() {
    return dims.stream().allMatch(Dim::isConstant);
  }

  /** Number of elements as a product of sizes. */
  public Dim elements() {
    Dim product = Dim.of(1);
    for (Dim dim : dims) {
      product = product.times(dim);
    }
    return product;
  }

  /** Number of elements, when every size is constant. */
  public OptionalLong constantElements() {
    return elements().constant();
  }

  /** Bytes of the stored elements (without scales) for given symbol values, rounded up. */
  public long bytes(ToLongFunction<String> valueOf) {
    return (element.storageBits(elements().evaluate(valueOf)) + 7) / 8;
  }

  public TensorType withElement(ElementType other) {
    return new TensorType(other, dims, layout);
  }

  public TensorType withDims(List<Dim> other) {
    return new TensorType(element, other, layout);
  }

  public TensorType withDim(int index, Dim dim) {
    List<Dim> copy = new java.util.ArrayList<>(dims);
    copy.set(index < 0 ? dims.size() + index : index, dim);
    return withDims(copy);
  }

  public TensorType withLayout(Layout other) {
    return new TensorType(element, dims, other);
  }

  /** {@code f32[2, L, 128]}; the layout follows after {@code ;} when it is not row-major. */
  public String text() {
    String sizes = dims.stream().map(Dim::text).collect(Collectors.joining(", "));
    String suffix = layout.equals(Layout.ROW) ? "" : "; " + layout.text();
    return element.text() + "[" + sizes + suffix + "]";
  }

  @Override
  public String toString() {
    return text();
  }
}
