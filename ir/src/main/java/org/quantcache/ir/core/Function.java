package org.quantcache.ir.core;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.TensorType;

/**
 * An entry point: named parameters (the arguments of its body) and results. Attribute {@code results} names the
 * results for callers, in order.
 */
public final class Function {
  private final String name;
  private final Region body;
  private List<TensorType> resultTypes;
  private Attributes attributes;
  private final Location location;

  Function(String name, List<TensorType> resultTypes, Attributes attributes, Location location) {
    OpChecks.requireSymbol(name);
    this.name = name;
    this.resultTypes = ImmutableList.copyOf(resultTypes);
    this.attributes = attributes;
    this.location = location;
    this.body = new Region("");
  }

  /** Symbol without {@code @}. */
  public String name() {
    return name;
  }

  public Region body() {
    return body;
  }

  public List<Value> parameters() {
    return body.arguments();
  }

  public List<TensorType> resultTypes() {
    return resultTypes;
  }

  /** Names of the results for callers. */
  public List<String> resultNames() {
    return attributes.has("results") ? attributes.strings("results") : List.of();
  }

  public Attributes attributes() {
    return attributes;
  }

  public Location location() {
    return location;
  }

  void setAttributes(Attributes other) {
    attributes = other;
  }

  void setResultTypes(List<TensorType> other) {
    resultTypes = ImmutableList.copyOf(other);
  }
}
