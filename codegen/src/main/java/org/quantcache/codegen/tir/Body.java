package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.quantcache.codegen.tir.TvmSession.Handle;

/** Collects the statements of a block. Declarations reach to the end of their block. */
public final class Body {
  private static final int SERIAL = 0;

  private final Tir tir;
  /** Each entry turns what follows it (or null at the end) into one statement. */
  private final List<UnaryOperator<Handle>> entries = new ArrayList<>();

  Body(Tir tir) {
    this.tir = tir;
  }

  public Tir tir() {
    return tir;
  }

  private void statement(Handle made) {
    entries.add(rest -> rest == null ? made : new Pair(made, rest).asSequence(tir));
  }

  private record Pair(Handle first, Handle second) {
    Handle asSequence(Tir tir) {
      return tir.session().object("tir.SeqStmt", tir.array(List.of(first, second)), null);
    }
  }

  /** Stores a scalar or vector at {@code index}. */
  public void store(Buffer buffer, Expr value, Expr index) {
    statement(tir.store(buffer, value, index));
  }

  /** Asks for the cache line of an element ahead of its use; the element need not exist. */
  public void prefetch(Buffer buffer, Expr index) {
    statement(tir.session().object("tir.Evaluate", tir.prefetch(buffer, index), null));
  }

  /** Computes a value once; the result stands for it. */
  public Expr let(String name, Expr value) {
    Expr variable = tir.variable(name, value);
    entries.add(rest -> rest == null
        ? nothing()
        : tir.session().object("tir.LetStmt", variable.handle(), value.handle(), rest, null));
    return variable;
  }

  /** Cells that live in registers or on the stack. */
  public Buffer local(String name, String type, int lanes, int cells) {
    String dtype = lanes == 1 ? type : type + "x" + lanes;
    Handle pointer = tir.pointer(name, dtype, "local");
    Buffer buffer = tir.buffer(pointer, name, type, lanes, cells);
    entries.add(rest -> tir.session()
        .object(
            "tir.Allocate",
            pointer,
            dtype,
            tir.array(List.of(tir.integer(cells).handle())),
            tir.always(),
            rest == null ? nothing() : rest,
            // Keeps it on the stack, from where LLVM moves it to registers, instead of TVM's
            // allocator.
            tir.session().object("runtime.Map", "disable_lower_builtin", tir.always()),
            null));
    return buffer;
  }

  /** {@code for (i = 0; i < extent; i++)}. */
  public void loop(String name, Expr extent, BiConsumer<Expr, Body> fill) {
    Expr index = tir.variable(name);
    Body inner = new Body(tir);
    fill.accept(index, inner);
    statement(tir.session()
        .object(
            "tir.For",
            index.handle(),
            tir.integer(0).handle(),
            extent.handle(),
            SERIAL,
            inner.finish(),
            null,
            tir.emptyMap(),
            null));
  }

  /** {@code for (i = 0; i < extent; i++)}. */
  public void loop(String name, long extent, BiConsumer<Expr, Body> fill) {
    loop(name, tir.integer(extent), fill);
  }

  /** Statements for the case that the scalar condition holds. */
  public void when(Expr condition, Consumer<Body> then) {
    Body inner = new Body(tir);
    then.accept(inner);
    statement(
        tir.session().object("tir.IfThenElse", condition.handle(), inner.finish(), null, null));
  }

  /** Statements for both cases. */
  public void when(Expr condition, Consumer<Body> then, Consumer<Body> otherwise) {
    Body yes = new Body(tir);
    then.accept(yes);
    Body no = new Body(tir);
    otherwise.accept(no);
    statement(tir.session()
        .object("tir.IfThenElse", condition.handle(), yes.finish(), no.finish(), null));
  }

  private Handle nothing() {
    return tir.session().object("tir.Evaluate", tir.integer(0).handle(), null);
  }

  Handle finish() {
    Handle rest = null;
    for (int i = entries.size() - 1; i >= 0; i--) {
      rest = entries.get(i).apply(rest);
    }
    return rest == null ? nothing() : rest;
  }
}
