package org.quantcache.passes.instruments;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.text.IrPrinter;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Prints the module before and after passes, each under a header {@code // ---- after fuse (#4, changed) ----}. */
public final class PrintIr implements PassInstrument {
  /**
   * When to print.
   *
   * @param before names of passes
   * @param after names of passes
   * @param afterChange after every pass that changed the module
   * @param only names of the functions to print; none means the whole module
   */
  public record When(Set<String> before, Set<String> after, boolean afterChange, Set<String> only) {
    public When {
      before = ImmutableSet.copyOf(before);
      after = ImmutableSet.copyOf(after);
      only = ImmutableSet.copyOf(only);
    }
  }

  private final When when;
  private final Appendable out;

  public PrintIr(When when, Appendable out) {
    this.when = when;
    this.out = out;
  }

  /** @throws UserError PA0608 when the module has not the functions that are to be printed */
  @Override
  public void start(IrModule module) {
    List<String> known = module.functions().stream().map(Function::name).toList();
    for (String name : when.only) {
      if (!known.contains(name)) {
        throw UserError.of("PA0608", "module @%s has no function @%s to print", module.name(), name)
            .withHint("its functions are %s", known);
      }
    }
  }

  @Override
  public void before(int number, PassInfo pass, IrModule module) {
    if (when.before.contains(pass.name())) {
      print("before " + pass.name() + " (#" + number + ")", module);
    }
  }

  @Override
  public void after(int number, PassInfo pass, IrModule module, boolean changed) {
    if (when.after.contains(pass.name()) || (when.afterChange && changed)) {
      print(
          "after " + pass.name() + " (#" + number + ", " + (changed ? "changed" : "unchanged")
              + ")",
          module);
    }
  }

  private void print(String title, IrModule module) {
    try {
      out.append("// ---- ").append(title).append(" ----\n");
      if (when.only.isEmpty()) {
        out.append(IrPrinter.print(module));
      }
      for (String name : when.only) {
        String text = IrPrinter.print(module.function(name), IrPrinter.Options.PLAIN);
        out.append(text).append(text.endsWith("\n") ? "" : "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
