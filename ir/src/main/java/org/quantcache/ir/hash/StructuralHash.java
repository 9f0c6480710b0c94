package org.quantcache.ir.hash;

import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.text.IrPrinter;

/**
 * SHA-256 over what a module means: operations, their order, types, attributes and symbols. Names of inner values and
 * locations do not count; names of parameters do, since callers bind tensors to them. Weights count by definition, not
 * by content. Equal on every machine.
 */
public final class StructuralHash {
  private StructuralHash() {}

  /** 64 hexadecimal digits for the whole module. */
  public static String of(IrModule module) {
    List<String> texts = new ArrayList<>();
    texts.add(IrPrinter.print(module, IrPrinter.Options.CANONICAL));
    module.functions().forEach(function -> addParameters(texts, function));
    return TextHash.sha256(texts.toArray(String[]::new));
  }

  /** 64 hexadecimal digits for one function; weights count by their symbols. */
  public static String of(Function function) {
    List<String> texts = new ArrayList<>();
    texts.add(IrPrinter.print(function, IrPrinter.Options.CANONICAL));
    addParameters(texts, function);
    return TextHash.sha256(texts.toArray(String[]::new));
  }

  private static void addParameters(List<String> texts, Function function) {
    function.parameters().stream().map(Value::nameHint).forEach(texts::add);
  }
}
