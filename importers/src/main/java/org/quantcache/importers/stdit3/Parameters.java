package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/** Named parameters of a function while it is being declared. */
final class Parameters {
  private final List<String> names = new ArrayList<>();
  private final List<TensorType> types = new ArrayList<>();

  void add(String name, ScalarType element, Dim... dims) {
    names.add(name);
    types.add(TensorType.of(element, List.of(dims)));
  }

  void addVector(String name, long size) {
    add(name, ScalarType.F32, Dim.of(size));
  }

  List<String> names() {
    return names;
  }

  List<TensorType> types() {
    return types;
  }

  Value of(Function function, String name) {
    return function.parameters().get(names.indexOf(name));
  }

  Optional<Value> find(Function function, String name) {
    return names.contains(name) ? Optional.of(of(function, name)) : Optional.empty();
  }
}
