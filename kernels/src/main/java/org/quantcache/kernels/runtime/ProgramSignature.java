package org.quantcache.kernels.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;

/**
 * What a caller must know of a compiled function: its named parameters and results, and the largest value of each
 * symbolic size.
 *
 * @param function name of the entry point
 * @param parameters in order
 * @param results in order
 * @param bounds largest value of each symbolic size
 */
public record ProgramSignature(
    String function,
    List<Parameter> parameters,
    List<Parameter> results,
    Map<String, Long> bounds) {
  /** The number of sampling steps is not a size of an input but a choice of the caller. */
  public static final String STEPS = "N";

  /** A named tensor. */
  public record Parameter(String name, TensorType type) {}

  /** Element kind and sizes of a tensor that a caller brings. */
  public record Given(ScalarType element, List<Long> sizes) {}

  public ProgramSignature {
    parameters = ImmutableList.copyOf(parameters);
    results = ImmutableList.copyOf(results);
    bounds = ImmutableMap.copyOf(bounds);
  }

  /**
   * Checks every input and finds the values of the symbolic sizes.
   *
   * @param given looks an input up by name
   * @param steps value of {@link #STEPS}, ignored by functions that do not use it
   * @return value of each symbolic size
   * @throws UserError RT0101 that lists all problems at once
   */
  public Map<String, Long> bind(Function<String, Optional<Given>> given, long steps) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    if (bounds.containsKey(STEPS)) {
      sizes.put(STEPS, steps);
    }
    for (Parameter parameter : parameters) {
      Optional<Given> found = given.apply(parameter.name());
      if (found.isEmpty()) {
        problems.add("input '" + parameter.name() + "' is missing, expected "
            + parameter.type().text());
      } else if (!matches(parameter.type(), found.get(), sizes)) {
        problems.add(
            "input '" + parameter.name() + "' is " + found.get().element().text()
                + found.get().sizes() + ", expected " + parameter.type().text() + where(sizes));
      }
    }
    for (Map.Entry<String, Long> bound : bounds.entrySet()) {
      Long value = sizes.get(bound.getKey());
      if (value != null && (value < 1 || value > bound.getValue())) {
        problems.add(
            "size " + bound.getKey() + " is " + value + ", expected 1.." + bound.getValue());
      }
    }
    if (!problems.isEmpty()) {
      throw UserError.of("RT0101", "%s", "@" + function + ": " + String.join("; ", problems))
          .withHint("this program was compiled for fixed sizes; compile again for other ones");
    }
    return sizes;
  }

  private static boolean matches(TensorType type, Given given, Map<String, Long> sizes) {
    boolean bool = type.element() == ScalarType.I1 && given.element() == ScalarType.U8;
    if ((!type.element().equals(given.element()) && !bool)
        || type.rank() != given.sizes().size()) {
      return false;
    }
    for (int axis = 0; axis < type.rank(); axis++) {
      if (!bindDim(type.dim(axis), given.sizes().get(axis), sizes)) {
        return false;
      }
    }
    return true;
  }

  private static boolean bindDim(Dim dim, long size, Map<String, Long> sizes) {
    if (dim.isConstant()) {
      return dim.coefficient() == size;
    }
    if (dim.symbols().size() > 1 || dim.coefficient() == 0 || size % dim.coefficient() != 0) {
      return false;
    }
    long value = size / dim.coefficient();
    Long known = sizes.putIfAbsent(dim.symbols().get(0), value);
    return known == null || known == value;
  }

  private static String where(Map<String, Long> sizes) {
    return sizes.isEmpty() ? "" : " with " + sizes;
  }
}
