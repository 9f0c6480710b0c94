package org.quantcache.tools.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.quantcache.ir.core.Location;
import org.quantcache.kernels.tensor.Tensor;

/** Two sides that run in turns show each other all that both have, and keep little. */
class SideBySideTest {
  private static final int STEPS = 3;
  private static final int BYTES = 4;

  /** A loop of points in this order, of which some are left out at some steps. */
  private record Loop(List<Point> points, Set<String> leftOut) implements Side {
    static Loop of(List<Integer> places) {
      return new Loop(
          places.stream()
              .map(p -> new Point("p" + p, "op", Location.of("p" + p), "", "", BYTES, true))
              .toList(),
          new HashSet<>());
    }

    @Override
    public void run(List<Integer> wanted, Sink sink) {
      for (int step = 0; step < STEPS; step++) {
        for (int point = 0; point < points.size(); point++) {
          if (wanted.contains(point) && !leftOut.contains(key(point, step))) {
            float value = 100 * step + Integer.parseInt(points.get(point).at().substring(1));
            sink.value(point, step, "op", Tensor.of(List.of(1L), value));
          }
        }
      }
    }

    String key(int point, int step) {
      return points.get(point).at() + "@" + step;
    }

    Set<String> shown() {
      Set<String> out = new HashSet<>();
      for (int step = 0; step < STEPS; step++) {
        for (int point = 0; point < points.size(); point++) {
          out.add(key(point, step));
        }
      }
      out.removeAll(leftOut);
      return out;
    }
  }

  private static SideBySide run(Side a, Side b) {
    SideBySide both = new SideBySide(a, b, Pairing.of(a.points(), b.points()));
    both.run();
    return both;
  }

  @Test
  void whatBothShowIsComparedInAnyOrderAndWhateverIsLeftOut() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Loop a = random(random);
      Loop b = random(random);
      SideBySide both = run(a, b);
      Set<String> expected = new HashSet<>(a.shown());
      expected.retainAll(b.shown());
      List<String> found =
          both.rows().stream().map(row -> row.at() + "@" + row.step()).toList();
      assertThat(found).as("seed %d", seed).doesNotHaveDuplicates();
      assertThat(both.rows()).allMatch(row -> row.distance().maxError() == 0);
      if (isInOneOrder(a, b)) {
        assertThat(new HashSet<>(found)).as("seed %d", seed).isEqualTo(expected);
      } else {
        assertThat(expected).as("seed %d", seed).containsAll(found);
      }
    }
  }

  private static boolean isInOneOrder(Loop a, Loop b) {
    List<String> left = places(a, b);
    return left.equals(places(b, a));
  }

  private static List<String> places(Loop a, Loop b) {
    Set<String> others = new HashSet<>(b.points().stream().map(Point::at).toList());
    return a.points().stream().map(Point::at).filter(others::contains).toList();
  }

  private static Loop random(Random random) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, 8).boxed().toList());
    if (random.nextInt(3) == 0) {
      Collections.shuffle(places, random);
    }
    Loop out = Loop.of(places.subList(0, 4 + random.nextInt(5)));
    for (int i = random.nextInt(6); i > 0; i--) {
      out.leftOut().add(out.key(random.nextInt(out.points().size()), random.nextInt(STEPS)));
    }
    return out;
  }

  @Test
  void nothingIsLostWhenOnlyTheOrderDiffers() {
    for (long seed = 0; seed < 100; seed++) {
      List<Integer> places = new ArrayList<>(IntStream.range(0, 9).boxed().toList());
      Loop a = Loop.of(places);
      Collections.shuffle(places, new Random(seed));
      SideBySide both = run(a, Loop.of(places));
      assertThat(both.rows()).as("seed %d", seed).hasSize(9 * STEPS);
      assertThat(both.peakBytes()).isLessThanOrEqualTo(9L * BYTES);
    }
  }

  @Test
  void inOneOrderOneValueWaitsAtATime() {
    Loop a = Loop.of(IntStream.range(0, 50).boxed().toList());
    Loop b = Loop.of(IntStream.range(0, 50).boxed().toList());
    b.leftOut().addAll(Set.of("p3@0", "p49@1", "p0@2"));
    a.leftOut().addAll(Set.of("p7@0", "p8@0", "p49@2"));
    SideBySide both = run(a, b);
    assertThat(both.rows()).hasSize(50 * STEPS - 6);
    assertThat(both.peakBytes()).isLessThanOrEqualTo(2L * BYTES);
    assertThat(both.comparedBytes()).isEqualTo(2L * BYTES * both.rows().size());
  }

  @Test
  void whatFailsOnEitherSideIsThrown() {
    Loop good = Loop.of(List.of(0, 1, 2));
    Side bad = new Side() {
      @Override
      public List<Point> points() {
        return good.points();
      }

      @Override
      public void run(List<Integer> wanted, Sink sink) {
        sink.value(0, 0, "op", Tensor.of(List.of(1L), 0f));
        throw new IllegalStateException("broken");
      }
    };
    assertThatThrownBy(() -> run(good, bad)).hasMessage("broken");
    assertThatThrownBy(() -> run(bad, good)).hasMessage("broken");
    assertThatThrownBy(() -> run(bad, bad)).hasMessage("broken");
  }

  @Test
  void placesThatBothHaveEquallyOftenBelongTogetherInTheirOrder() {
    Loop a = Loop.of(List.of(1, 1, 2, 3, 3));
    Loop b = Loop.of(List.of(1, 2, 1, 3, 4));
    assertThat(new TreeMap<>(Pairing.of(a.points(), b.points()).partnerOfA()))
        .isEqualTo(Map.of(0, 0, 1, 2, 2, 1));
  }
}
