package org.quantcache.codegen.tir;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a guard does with its history, row by row; the base repeats after its own rows.
 *
 * <p>{@link Action#REMEMBER}: the history moves back by one, {@code value - base} comes in front. Parameters: value,
 * base, history..., base rows. {@link Action#FORETELL}: {@code value = base + sum of weight * history}. Parameters: value,
 * base, history..., base rows, weights.... Then the range. Work items: rows.
 *
 * @param action which of both
 * @param length tensors of history
 * @param channels of a row
 */
public record HistorySpec(Action action, int length, int channels) implements KernelSpec {
  /** What is done. */
  public enum Action {
    REMEMBER,
    FORETELL
  }

  @Override
  public String functionName() {
    return action.name().toLowerCase(Locale.ROOT) + "_" + length + "_c" + channels;
  }

  @Override
  public void emit(KernelBuilder kernel, CpuTarget target) {
    Tir t = kernel.tir();
    Buffer value = kernel.pointer("value", "float32");
    Buffer base = kernel.pointer("base", "float32");
    List<Buffer> history = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      history.add(kernel.pointer("history" + i, "float32"));
    }
    Expr baseRows = kernel.integer("base_rows");
    List<Expr> weights = new ArrayList<>();
    for (int i = 0; action == Action.FORETELL && i < length; i++) {
      weights.add(kernel.real("weight" + i));
    }
    KernelBuilder.Range range = kernel.range();
    Channels columns = new Channels(channels, target.lanes());
    kernel.body().loop("i", t.sub(range.hi(), range.lo()), (i, body) -> {
      Expr row = body.let("row", t.add(range.lo(), i));
      Expr at = body.let("at", t.mul(row, channels));
      Expr baseAt = body.let("base_at", t.mul(t.remainder(row, baseRows), channels));
      columns.each(body, (inner, j, lanes) -> {
        Expr here = inner.let("here", t.add(at, j));
        Expr from = t.load(base, t.add(baseAt, j), lanes);
        if (action == Action.REMEMBER) {
          for (int h = length - 1; h > 0; h--) {
            inner.store(history.get(h), t.load(history.get(h - 1), here, lanes), here);
          }
          inner.store(history.get(0), t.sub(t.load(value, here, lanes), from), here);
        } else {
          Expr sum = from;
          for (int h = 0; h < length; h++) {
            sum = t.add(sum, t.mul(weights.get(h), t.load(history.get(h), here, lanes)));
          }
          inner.store(value, sum, here);
        }
      });
    });
  }
}
