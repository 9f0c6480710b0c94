package org.quantcache.tools.layers;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What two builds have at the same places of the model.
 *
 * @param a name of the side that counts as right
 * @param b name of the other
 * @param rows in A's order of execution
 * @param notFinite operations that made numbers that are not finite
 * @param alone values of either side without a partner
 * @param peakBytes most bytes of values that waited for their partners at one time
 * @param comparedBytes bytes of all values of A and B that were compared
 */
public record LayerComparison(
    String a,
    String b,
    List<LayerRow> rows,
    List<NotFinite> notFinite,
    List<Unmatched> alone,
    long peakBytes,
    long comparedBytes) {
  /** A value that one side alone has: because the other has merged it, or does not compute it. */
  public record Unmatched(String side, String at, String op) {}

  public LayerComparison {
    rows = ImmutableList.copyOf(rows);
    notFinite = ImmutableList.copyOf(notFinite);
    alone = ImmutableList.copyOf(alone);
  }

  /** Runs both sides and compares what they show. */
  static LayerComparison of(String nameA, Side a, String nameB, Side b) {
    Pairing pairing = Pairing.of(a.points(), b.points());
    SideBySide both = new SideBySide(a, b, pairing);
    both.run();
    List<Unmatched> alone = new ArrayList<>();
    unmatched("a", Pairing.unmatched(a.points(), pairing.partnerOfA()), alone);
    unmatched("b", Pairing.unmatched(b.points(), pairing.partnerOfB()), alone);
    return new LayerComparison(
        nameA, nameB, both.rows(), both.notFinite(), alone, both.peakBytes(), both.comparedBytes());
  }

  private static void unmatched(String side, Collection<Point> points, List<Unmatched> out) {
    points.forEach(point -> out.add(new Unmatched(side, point.at(), point.op())));
  }

  /** Number of the first row beyond a tolerance of the relative L2. */
  public OptionalInt firstBeyond(double tolerance) {
    for (int i = 0; i < rows.size(); i++) {
      if (!rows.get(i).distance().isWithin(tolerance)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Number of the row with the largest relative L2, the first of equal ones; empty without rows. */
  public OptionalInt worst() {
    int worst = rows.isEmpty() ? -1 : 0;
    for (int i = 1; i < rows.size(); i++) {
      if (rows.get(i).distance().rank() > rows.get(worst).distance().rank()) {
        worst = i;
      }
    }
    return worst < 0 ? OptionalInt.empty() : OptionalInt.of(worst);
  }

  /** The rows with the largest relative L2, the largest first, of equal ones the first. */
  public List<LayerRow> farthest(int count) {
    return rows.stream()
        .sorted(
            Comparator.comparingDouble((LayerRow row) -> row.distance().rank()).reversed())
        .limit(count)
        .toList();
  }

  /**
   * For other programs, in a fixed order. A number that is none, or infinite, is null: an {@code sqnr_db} of equal values,
   * everything of values that are not finite.
   */
  public Map<String, Object> json(double tolerance) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("a", a);
    out.put("b", b);
    out.put("tolerance", tolerance);
    out.put("rows", rows.stream().map(LayerComparison::json).toList());
    out.put("first_beyond", orNull(firstBeyond(tolerance)));
    out.put("worst", orNull(worst()));
    out.put("not_finite", notFinite);
    out.put("unmatched", alone);
    out.put("peak_bytes", peakBytes);
    out.put("compared_bytes", comparedBytes);
    return out;
  }

  private static Map<String, Object> json(LayerRow row) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("at", row.at());
    out.put("location", String.join(" + ", row.places()));
    out.put("step", row.step());
    out.put("op_a", row.opA());
    out.put("op_b", row.opB());
    out.put("elements", row.distance().elements());
    out.put("relative_l2", orNull(row.distance().relativeL2()));
    out.put("max_error", orNull(row.distance().maxError()));
    out.put("sqnr_db", orNull(row.distance().sqnrDb()));
    return out;
  }

  private static Object orNull(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }

  private static Object orNull(double number) {
    return Double.isFinite(number) ? number : null;
  }
}
