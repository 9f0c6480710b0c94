package org.quantcache.importers.stdit3;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Sizes of the tensors that a caller brings, matched against what a program takes. Expected sizes are written as text,
 * {@code "B 1 L 64"}: a letter stands for a size that the first tensor with this letter decides. All problems are
 * told at once.
 */
final class InputSizes {
  private static final long MAX_SIZE = 1 << 20;

  private final Map<String, List<Long>> given;
  private final Map<String, Long> decided = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();
  private final List<String> problems = new ArrayList<>();

  InputSizes(Map<String, List<Long>> given) {
    this.given = new LinkedHashMap<>(given);
  }

  boolean has(String name) {
    return given.containsKey(name);
  }

  /** The tensor must be there. */
  void required(String name, String sizes) {
    if (!has(name)) {
      problems.add("'" + name + "' is missing, expected sizes " + expected(sizes));
    }
    optional(name, sizes);
  }

  /** The tensor may be there. */
  void optional(String name, String sizes) {
    known.add(name);
    if (has(name) && !matches(List.of(sizes.split(" ")), given.get(name))) {
      problems.add("'" + name + "' has sizes " + given.get(name) + ", expected " + expected(sizes));
    }
  }

  /** The tensor may be there and is not looked at, as in the original. */
  void ignored(String... names) {
    known.addAll(List.of(names));
  }

  /** A further rule that the sizes must keep. */
  void rule(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
  }

  /** Value of a letter; 1 as long as no tensor has decided it. */
  int size(String letter) {
    return Math.toIntExact(decided.getOrDefault(letter, 1L));
  }

  /** @throws UserError IM0506 that lists every missing, misshapen and unknown tensor */
  void finish(String program) {
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        String nearest =
            NearestName.of(name, known).map(n -> ", nearest is '" + n + "'").orElse("");
        problems.add("'" + name + "' is not known" + nearest);
      }
    }
    if (!problems.isEmpty()) {
      throw UserError.of(
              "IM0506",
              "%s",
              "the inputs do not fit @" + program + " of this model: "
                  + String.join("; ", problems))
          .withHint("inputs have the names and sizes of the original model's arguments");
    }
  }

  private boolean matches(List<String> wanted, List<Long> found) {
    Map<String, Long> trial = new LinkedHashMap<>(decided);
    boolean matches = wanted.size() == found.size();
    for (int axis = 0; matches && axis < wanted.size(); axis++) {
      String size = wanted.get(axis);
      long value = found.get(axis);
      boolean letter = Character.isLetter(size.charAt(0));
      Long before = letter ? trial.putIfAbsent(size, value) : Long.valueOf(size);
      matches = value >= 1 && value <= MAX_SIZE && (before == null || before == value);
    }
    if (matches) {
      decided.putAll(trial);
    }
    return matches;
  }

  /** The sizes with every letter that is decided by now replaced. */
  private String expected(String sizes) {
    return Stream.of(sizes.split(" "))
        .map(size -> decided.containsKey(size) ? decided.get(size).toString() : size)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
