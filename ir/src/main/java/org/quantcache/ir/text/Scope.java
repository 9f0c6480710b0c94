package org.quantcache.ir.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.Token;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.diagnostics.NearestName;

/** Names of the values that are visible at a place of the text. Inner regions see outer names. */
final class Scope {
  /** A name; without a value when its definition was in error, so that its readers are not reported too. */
  private record Binding(Optional<Value> value, int line) {}

  private final Map<String, Binding> visible = new HashMap<>();
  private final Deque<List<String>> regions = new ArrayDeque<>();

  void enter() {
    regions.push(new ArrayList<>());
  }

  void leave() {
    regions.pop().forEach(visible::remove);
  }

  /** @throws ReadProblem when the name is taken */
  void define(Token token, Value value) {
    bind(token, Optional.of(value));
  }

  /** Makes the name known without a value. */
  void defineBroken(Token token) {
    if (!visible.containsKey(token.getText())) {
      bind(token, Optional.empty());
    }
  }

  private void bind(Token token, Optional<Value> value) {
    String name = token.getText();
    Binding earlier = visible.putIfAbsent(name, new Binding(value, token.getLine()));
    if (earlier != null) {
      throw new ReadProblem(
          IrCode.DEFINED_TWICE,
          token,
          "value " + name + " is defined already on line " + earlier.line());
    }
    regions.element().add(name);
  }

  /** The value; empty when its definition was in error. @throws ReadProblem when there is no such name */
  Optional<Value> find(Token token) {
    Binding binding = visible.get(token.getText());
    if (binding == null) {
      List<String> known = visible.keySet().stream().sorted().toList();
      throw new ReadProblem(
          IrCode.UNDEFINED_VALUE,
          token,
          "value " + Places.quoted(token) + " is not defined here",
          NearestName.of(token.getText(), known)
              .map(name -> "did you mean " + name + "?")
              .orElse(""));
    }
    return binding.value();
  }
}
