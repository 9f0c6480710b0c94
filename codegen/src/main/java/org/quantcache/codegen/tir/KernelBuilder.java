package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.codegen.tir.TvmSession.Handle;

/**
 * Declares the parameters of a kernel and makes its function. The parameters {@code workspace, lo, hi} come last in
 * every kernel; {@link org.quantcache.kernels.cpu.KernelLaunch} fills them in.
 */
public final class KernelBuilder {
  /** Bound of every flat buffer; only a size for TVM's own checks. */
  private static final long CELLS = 1L << 20;

  private final Tir tir;
  private final String name;
  private final List<Handle> parameters = new ArrayList<>();
  private final Body body;

  KernelBuilder(Tir tir, String name) {
    this.tir = tir;
    this.name = name;
    this.body = new Body(tir);
  }

  public Tir tir() {
    return tir;
  }

  public Body body() {
    return body;
  }

  /** The next parameter, an address of elements of this kind. */
  public Buffer pointer(String parameter, String type) {
    Handle pointer = tir.pointer(parameter, type, "global");
    parameters.add(pointer);
    return tir.buffer(pointer, parameter, type, 1, CELLS);
  }

  /** The next parameter, a whole number. */
  public Expr integer(String parameter) {
    Expr variable = tir.variable(parameter);
    parameters.add(variable.handle());
    return variable;
  }

  /** The next parameter, an f32 number. */
  public Expr real(String parameter) {
    Expr variable = tir.variable(parameter, tir.real(0));
    parameters.add(variable.handle());
    return variable;
  }

  /** The last parameters: scratch memory of the worker and its range of work items. */
  public Range range() {
    return range("float32");
  }

  /** The last parameters, with scratch memory of elements of this kind. */
  public Range range(String type) {
    return new Range(pointer("workspace", type), integer("lo"), integer("hi"));
  }

  /** What a worker gets. */
  public record Range(Buffer workspace, Expr lo, Expr hi) {}

  Handle finish() {
    TvmSession tvm = tir.session();
    Handle function = tvm.object(
        "tir.PrimFunc", tir.array(parameters), body.finish(), null, tir.emptyMap(), null, null);
    function = tvm.object(
        "ir.BaseFuncWithAttr", function, "global_symbol", tvm.object("runtime.String", name));
    return tvm.object(
        "ir.BaseFuncWithAttr", function, "tir.noalias", tvm.object("ir.IntImm", "bool", 1L, null));
  }
}
