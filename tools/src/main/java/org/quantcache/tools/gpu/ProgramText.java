package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** IR text of a module of small programs, while it is being written. */
final class ProgramText {
  /** Places of a frame where tables have a row for each sample, which takes constant sizes. */
  static final String PLACES = "23";

  private final List<KernelPrograms.Program> programs = new ArrayList<>();
  private final Set<String> weights = new TreeSet<>();
  private final StringBuilder functions = new StringBuilder();

  List<KernelPrograms.Program> programs() {
    return List.copyOf(programs);
  }

  /** The whole module. */
  String text() {
    return "module @kernels <dims = [#dim<bound = 99, name = L>, #dim<bound = 9, name = N>, #dim<bound = 24, name = R>]> {\n"
        + String.join("", weights) + functions + "}\n";
  }

  /** Adds a line that defines a weight. */
  void weight(String definition) {
    weights.add(definition);
  }

  /** Defines a weight of the checkpoint. */
  void define(String name, String kind, String sizes) {
    weights.removeIf(w -> w.startsWith("  weight.def @" + name + " "));
    weights.add(
        "  weight.def @%s <key = \"%s\", type = %s[%s]>\n".formatted(name, name, kind, sizes));
  }

  /** Takes a weight of bytes or halves of bytes, with its scales and sums. */
  void byteWeight(int cell, int k, int n, int group) {
    boolean grouped = group < k;
    String weight = "q%d_%d_%d_%d".formatted(cell, n, k, group);
    String per = grouped ? "group, group = " + group : "channel";
    String type =
        "q<range = %d, cell = %d, per = %s, scale = f32>[%d, %d]".formatted(cell, cell, per, n, k);
    String sizes = grouped ? n + ", " + k / group : Integer.toString(n);
    String recipe =
        "bits = %d%s, key = \"%s\"".formatted(cell, grouped ? ", group = " + group : "", weight);
    weights.add("  weight.def @%s <%s, type = %s>\n".formatted(weight, recipe, type));
    for (String part : List.of("scale", "sum")) {
      weights.add("  weight.def @%s_%s <%s, part = %s, type = %s[%s]>\n"
          .formatted(weight, part, recipe, part, part.equals("sum") ? "i32" : "f32", sizes));
    }
    line("%%w = weight.get <weight = @%s> : %s", weight, type);
    line("%%s = weight.get <weight = @%s_scale> : f32[%s]", weight, sizes);
    line("%%o = weight.get <weight = @%s_sum> : i32[%s]", weight, sizes);
  }

  /** Starts a function; without {@code names} its result is called so. */
  void begin(String name, double tolerance, String parameters, String results, String... names) {
    programs.add(new KernelPrograms.Program(name, tolerance));
    List<String> quoted = new ArrayList<>();
    for (String result : names.length == 0 ? new String[] {"result"} : names) {
      quoted.add('"' + result + '"');
    }
    functions.append("\n  func @%s(%s) -> (%s) <results = [%s]> {\n"
        .formatted(name, parameters, results, String.join(", ", quoted)));
  }

  /** A parameter as values of a kind. */
  void take(String name, String kind, String sizes) {
    String op = kind.equals("f32") ? "tensor.reshape" : "tensor.cast";
    line("%%%s_in = %s(%%%s) : %s[%s]", name, op, name, kind, sizes);
  }

  /** Ends the function with one result. */
  void give(String value, String kind, String sizes) {
    give(kind, new String[][] {{value, sizes}});
  }

  /** Ends the function; results of a kind become f32. */
  void give(String kind, String[][] results) {
    List<String> out = new ArrayList<>();
    for (String[] result : results) {
      if (kind.equals("f32")) {
        out.add("%" + result[0]);
      } else {
        line("%%%s_out = tensor.cast(%%%s) : f32[%s]", result[0], result[0], result[1]);
        out.add("%" + result[0] + "_out");
      }
    }
    line("func.return(%s)", String.join(", ", out));
    functions.append("  }\n");
  }

  void line(String format, Object... values) {
    functions.append("    ").append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
