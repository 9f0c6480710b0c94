package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.quantcache.codegen.tir.TvmSession.Handle;

/** Makes TIR nodes. Whole numbers are int32; a vector and a scalar combine by broadcasting the scalar. */
public final class Tir {
  /** LLVM's word for the second-level cache. */
  private static final int SECOND_LEVEL = 2;

  private final TvmSession tvm;
  private final Handle always;

  Tir(TvmSession tvm) {
    this.tvm = tvm;
    this.always = tvm.object("ir.IntImm", "bool", 1L, null);
  }

  TvmSession session() {
    return tvm;
  }

  Handle array(List<Handle> items) {
    return tvm.object("runtime.Array", items.toArray());
  }

  Handle emptyMap() {
    return tvm.object("runtime.Map");
  }

  Handle always() {
    return always;
  }

  public Expr integer(long value) {
    return new Expr(tvm.object("ir.IntImm", "int32", value, null), "int32", 1);
  }

  public Expr real(double value) {
    return new Expr(tvm.object("ir.FloatImm", "float32", value, null), "float32", 1);
  }

  Expr variable(String name) {
    return new Expr(tvm.object("tir.Var", name, "int32", null), "int32", 1);
  }

  Expr variable(String name, Expr like) {
    return new Expr(tvm.object("tir.Var", name, like.dtype(), null), like.type(), like.lanes());
  }

  Handle pointer(String name, String type, String scope) {
    Handle element = tvm.object("ir.PrimType", type);
    return tvm.object("tir.Var", name, tvm.object("ir.PointerType", element, scope), null);
  }

  Buffer buffer(Handle pointer, String name, String type, int lanes, long cells) {
    String dtype = lanes == 1 ? type : type + "x" + lanes;
    Handle shape = array(List.of(integer(cells).handle()));
    int alignment = lanes == 1 ? 4 : 64;
    Handle handle = tvm.object(
        "tir.Buffer",
        pointer,
        dtype,
        shape,
        array(List.of()),
        integer(0).handle(),
        name,
        alignment,
        1,
        "",
        array(List.of()),
        null);
    return new Buffer(handle, pointer, type, lanes);
  }

  private Expr binary(String operation, Expr a, Expr b) {
    int lanes = Math.max(a.lanes(), b.lanes());
    Handle result =
        tvm.object("tir." + operation, widen(a, lanes).handle(), widen(b, lanes).handle(), null);
    return new Expr(result, a.type(), lanes);
  }

  private Expr comparison(String operation, Expr a, Expr b) {
    return new Expr(binary(operation, a, b).handle(), "bool", Math.max(a.lanes(), b.lanes()));
  }

  /** The scalar in every lane. */
  public Expr widen(Expr scalar, int lanes) {
    if (scalar.lanes() == lanes) {
      return scalar;
    }
    Handle out = tvm.object("tir.Broadcast", scalar.handle(), integer(lanes).handle(), null);
    return new Expr(out, scalar.type(), lanes);
  }

  public Expr add(Expr a, Expr b) {
    return binary("_OpAdd", a, b);
  }

  public Expr add(Expr a, long b) {
    return b == 0 ? a : add(a, integer(b));
  }

  public Expr sub(Expr a, Expr b) {
    return binary("_OpSub", a, b);
  }

  public Expr mul(Expr a, Expr b) {
    return binary("_OpMul", a, b);
  }

  public Expr mul(Expr a, long b) {
    return b == 1 ? a : mul(a, integer(b));
  }

  /** Quotient of floats. */
  public Expr divide(Expr a, Expr b) {
    return binary("_OpDiv", a, b);
  }

  /** Quotient of whole numbers that are not negative. */
  public Expr quotient(Expr a, Expr b) {
    return binary("_OpTruncDiv", a, b);
  }

  public Expr quotient(Expr a, long b) {
    return b == 1 ? a : quotient(a, integer(b));
  }

  /** Remainder of whole numbers that are not negative. */
  public Expr remainder(Expr a, Expr b) {
    return binary("_OpTruncMod", a, b);
  }

  public Expr remainder(Expr a, long b) {
    return b == 1 ? integer(0) : remainder(a, integer(b));
  }

  public Expr min(Expr a, Expr b) {
    return binary("_OpMin", a, b);
  }

  public Expr max(Expr a, Expr b) {
    return binary("_OpMax", a, b);
  }

  public Expr less(Expr a, Expr b) {
    return comparison("_OpLT", a, b);
  }

  public Expr lessOrEqual(Expr a, Expr b) {
    return comparison("_OpLE", a, b);
  }

  public Expr equal(Expr a, Expr b) {
    return comparison("_OpEQ", a, b);
  }

  public Expr and(Expr a, Expr b) {
    return comparison("_OpAnd", a, b);
  }

  /** Lane by lane a where the condition holds, else b; both are computed. */
  public Expr select(Expr condition, Expr a, Expr b) {
    int lanes = Math.max(condition.lanes(), Math.max(a.lanes(), b.lanes()));
    Handle out = tvm.object(
        "tir.Select",
        widen(condition, lanes).handle(),
        widen(a, lanes).handle(),
        widen(b, lanes).handle(),
        null);
    return new Expr(out, a.type(), lanes);
  }

  /** {@code base, base + 1, ...}. */
  public Expr ramp(Expr base, int lanes) {
    if (lanes == 1) {
      return base;
    }
    Handle out = tvm.object(
        "tir.Ramp", base.handle(), integer(1).handle(), integer(lanes).handle(), null);
    return new Expr(out, "int32", lanes);
  }

  public Expr cast(Expr value, String type) {
    if (value.type().equals(type)) {
      return value;
    }
    String dtype = value.lanes() == 1 ? type : type + "x" + value.lanes();
    return new Expr(tvm.object("tir.Cast", dtype, value.handle(), null), type, value.lanes());
  }

  /** The same bits as another type of the same width. */
  public Expr reinterpret(Expr value, String type) {
    return intrinsic("tir.reinterpret", type, value.lanes(), value);
  }

  public Expr shiftLeft(Expr value, Expr bits) {
    return intrinsic(
        "tir.shift_left", value.type(), value.lanes(), value, widen(bits, value.lanes()));
  }

  /** Copies of the sign come in from the left of a signed number, zeros from that of an unsigned one. */
  public Expr shiftRight(Expr value, Expr bits) {
    return intrinsic(
        "tir.shift_right", value.type(), value.lanes(), value, widen(bits, value.lanes()));
  }

  /** Bits that are set in both. */
  public Expr bitsOfBoth(Expr a, Expr b) {
    return intrinsic("tir.bitwise_and", a.type(), a.lanes(), a, widen(b, a.lanes()));
  }

  /** Bits that are set in one or both. */
  public Expr bitsOfEither(Expr a, Expr b) {
    return intrinsic("tir.bitwise_or", a.type(), a.lanes(), a, widen(b, a.lanes()));
  }

  /** Bits that differ. */
  public Expr bitsThatDiffer(Expr a, Expr b) {
    return intrinsic("tir.bitwise_xor", a.type(), a.lanes(), a, widen(b, a.lanes()));
  }

  /** The same bits as a vector of other elements. */
  public Expr reinterpret(Expr value, String type, int lanes) {
    return intrinsic("tir.reinterpret", type, lanes, value);
  }

  /** The nearest whole number as int32, halves to the even one; it must fit. */
  public Expr nearestInteger(Expr value) {
    return instruction("llvm.lrint", "int32", value.lanes(), value);
  }

  /** The nearest whole number, halves to the even one; not contracted with what is before it. */
  public Expr nearest(Expr value) {
    return intrinsic("tir.nearbyint", value.type(), value.lanes(), value);
  }

  /** An instruction by LLVM's name, without effects. */
  public Expr instruction(String name, String type, int lanes, Expr... arguments) {
    List<Handle> handles = Arrays.stream(arguments).map(Expr::handle).toList();
    String dtype = lanes == 1 ? type : type + "x" + lanes;
    return new Expr(llvm("tir.call_llvm_pure_intrin", name, dtype, handles), type, lanes);
  }

  private Handle llvm(String caller, String name, String dtype, List<Handle> arguments) {
    List<Handle> handles = new ArrayList<>();
    long id = (Long) tvm.call("target.llvm_lookup_intrinsic_id", name);
    handles.add(tvm.object("ir.IntImm", "uint32", id, null));
    handles.add(tvm.object("ir.IntImm", "uint32", (long) arguments.size(), null));
    handles.addAll(arguments);
    return tvm.object("tir.Call", dtype, tvm.object("ir.GetOp", caller), array(handles), null);
  }

  /** Asks for the cache line of an element, which need not exist, into the second-level cache. */
  Handle prefetch(Buffer buffer, Expr index) {
    Handle address =
        intrinsic("tir.address_of", "handle", 1, load(buffer, index, 1)).handle();
    List<Handle> arguments = List.of(
        address, integer(0).handle(), integer(SECOND_LEVEL).handle(), integer(1).handle());
    return llvm("tir.call_llvm_intrin", "llvm.prefetch", "void", arguments);
  }

  public Expr sqrt(Expr value) {
    return intrinsic("tir.sqrt", value.type(), value.lanes(), value);
  }

  /** Lanes of {@code value} in another order. */
  public Expr shuffle(Expr value, List<Integer> lanes) {
    List<Handle> order = lanes.stream().map(l -> integer(l).handle()).toList();
    Handle out = tvm.object("tir.Shuffle", array(List.of(value.handle())), array(order), null);
    return new Expr(out, value.type(), lanes.size());
  }

  /** A vector of these f32 numbers. */
  public Expr vector(double... numbers) {
    List<Handle> values = new ArrayList<>();
    List<Handle> order = new ArrayList<>();
    for (int i = 0; i < numbers.length; i++) {
      values.add(real(numbers[i]).handle());
      order.add(integer(i).handle());
    }
    Handle out = tvm.object("tir.Shuffle", array(values), array(order), null);
    return new Expr(out, "float32", numbers.length);
  }

  /** Lanes {@code first} where their index has none of the bits of {@code mask}, else {@code second}. */
  public Expr alternate(double first, double second, int mask, int lanes) {
    double[] numbers = new double[lanes];
    for (int i = 0; i < lanes; i++) {
      numbers[i] = (i & mask) == 0 ? first : second;
    }
    return vector(numbers);
  }

  /** The value, rounded: LLVM may not merge its last operation with what follows, as in a fused multiply-add. */
  public Expr rounded(Expr value) {
    return instruction("llvm.arithmetic.fence", value.type(), value.lanes(), value);
  }

  private Expr intrinsic(String name, String type, int lanes, Expr... arguments) {
    List<Handle> handles = Arrays.stream(arguments).map(Expr::handle).toList();
    String dtype = lanes == 1 ? type : type + "x" + lanes;
    return new Expr(
        tvm.object("tir.Call", dtype, tvm.object("ir.GetOp", name), array(handles), null),
        type,
        lanes);
  }

  /** Elements {@code index ..} of a buffer, or one cell of a buffer of vectors. */
  public Expr load(Buffer buffer, Expr index, int lanes) {
    Handle at = array(List.of(ramp(index, lanes).handle()));
    Handle out = tvm.object("tir.BufferLoad", buffer.handle(), at, null, null);
    return new Expr(out, buffer.type(), Math.max(lanes, buffer.lanes()));
  }

  Handle store(Buffer buffer, Expr value, Expr index) {
    int lanes = buffer.lanes() > 1 ? 1 : value.lanes();
    Handle at = array(List.of(ramp(index, lanes).handle()));
    return tvm.object("tir.BufferStore", buffer.handle(), value.handle(), at, null, null);
  }
}
