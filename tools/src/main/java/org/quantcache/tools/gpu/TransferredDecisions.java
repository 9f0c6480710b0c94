package org.quantcache.tools.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.PruneOps;
import org.quantcache.kernels.cache.DecisionTrace;
import org.quantcache.kernels.cache.LayerDecision;

/**
 * What one program decided, for the program of a deeper model to replay. Guards stand around the same parts of both, so
 * they keep their decisions. Of the layers of a kind that may be left out, the j-th of m does what the one at the same
 * relative place among the k of the recorded program did.
 */
final class TransferredDecisions {
  private static final Pattern NAME = Pattern.compile("([a-z]+)\\.[0-9]+(.*)");

  private TransferredDecisions() {}

  /**
   * Decisions for a program.
   *
   * @param recorded what another program of the same passes decided
   * @param program of the deeper model
   * @throws UserError RT0110 when the recorded program has no layers of a kind
   */
  static DecisionTrace of(DecisionTrace recorded, IrModule program) {
    List<String> names = new ArrayList<>();
    program.walk(op -> {
      if (op.is(PruneOps.BRANCH)) {
        names.add(PruneOps.branchName(op.attributes()));
      }
    });
    Map<String, List<String>> known = byKind(List.copyOf(recorded.layers().keySet()));
    Map<String, List<LayerDecision>> layers = new LinkedHashMap<>();
    byKind(names).forEach((kind, wanted) -> {
      List<String> sources = known.get(kind);
      if (sources == null) {
        throw UserError.of(
                "RT0110", "the decisions do not say what layers like '%s' do", wanted.get(0))
            .withHint("they know %s", recorded.layers().keySet());
      }
      List<String> stretched = RelativePlace.stretched(sources, wanted.size());
      for (int i = 0; i < wanted.size(); i++) {
        layers.put(wanted.get(i), recorded.layers().get(stretched.get(i)));
      }
    });
    return new DecisionTrace(recorded.steps(), recorded.guards(), layers);
  }

  /** Names of layers in their order, by what they are. */
  private static Map<String, List<String>> byKind(List<String> names) {
    Map<String, List<String>> out = new LinkedHashMap<>();
    for (String name : names) {
      Matcher parts = NAME.matcher(name);
      String kind = parts.matches() ? parts.group(1) + parts.group(2) : name;
      out.computeIfAbsent(kind, k -> new ArrayList<>()).add(name);
    }
    return out;
  }
}
