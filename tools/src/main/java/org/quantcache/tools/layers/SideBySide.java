package org.quantcache.tools.layers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Runs two sides in turns so that few values wait: A runs until it shows a value whose partner is not there yet, then B
 * runs until it has shown it, or is past the place where it would. A value is forgotten when it is compared, and when the
 * other side is past it. So those wait that one side computes earlier than the other, and the run is the same every time.
 */
final class SideBySide {
  private final Side a;
  private final Side b;
  private final Pairing pairing;
  private final Turns turns = new Turns();
  private final List<LayerRow> rows = new ArrayList<>();
  private final List<NotFinite> notFinite = new ArrayList<>();
  private final Map<Key, Shown> waiting = new LinkedHashMap<>();
  private final Order orderOfA;
  private final Order orderOfB;
  private Position placeOfA = Position.START;
  private Position placeOfB = Position.START;
  private Key wanted;
  private boolean endedB;
  private Throwable failureOfB;
  private long waitingBytes;
  private long peakBytes;
  private long comparedBytes;

  /** A pair at a step, told by A's point. */
  private record Key(int point, int step) {}

  /** A value and the operation that made it. */
  private record Shown(String op, Tensor value) {
    int bytes() {
      return value.data().capacity();
    }
  }

  SideBySide(Side a, Side b, Pairing pairing) {
    this.a = a;
    this.b = b;
    this.pairing = pairing;
    // Of two that go by the order of the other one, the second does.
    boolean follows = a.isFreeInOrder() && !b.isFreeInOrder();
    this.orderOfA = follows ? Order.following(a, pairing.partnerOfA()) : Order.own(a);
    this.orderOfB = b.isFreeInOrder() ? Order.following(b, pairing.partnerOfB()) : Order.own(b);
  }

  List<LayerRow> rows() {
    return rows;
  }

  List<NotFinite> notFinite() {
    return notFinite;
  }

  long peakBytes() {
    return peakBytes;
  }

  long comparedBytes() {
    return comparedBytes;
  }

  /** Runs both to their ends; what either throws is thrown. */
  void run() {
    Thread second = new Thread(this::runB, "qcc-side-b");
    second.setDaemon(true);
    second.start();
    try {
      a.run(orderOfA.sorted(pairing.partnerOfA().keySet()), new SinkOfA());
      placeOfA = Position.END;
      turns.leaveTo(Turns.Turn.SECOND);
    } catch (Turns.Abandoned e) {
      turns.abandon();
    } catch (RuntimeException | Error e) {
      turns.abandon();
      join(second);
      throw e;
    }
    join(second);
    throwFailureOfB();
  }

  private void runB() {
    try {
      turns.await(Turns.Turn.SECOND);
      b.run(orderOfB.sorted(pairing.partnerOfB().keySet()), new SinkOfB());
      placeOfB = Position.END;
      endedB = true;
      drop(wanted);
      turns.leaveTo(Turns.Turn.FIRST);
    } catch (Turns.Abandoned e) {
      endedB = true;
    } catch (RuntimeException | Error e) {
      failureOfB = e;
      turns.abandon();
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwFailureOfB() {
    if (failureOfB instanceof RuntimeException failure) {
      throw failure;
    }
    if (failureOfB instanceof Error failure) {
      throw failure;
    }
  }

  /** What one side computes once and the other at every step is compared at the first one. */
  private boolean isCompared(int pointOfA, int pointOfB, int step) {
    return step == 0
        || (a.points().get(pointOfA).inLoop() && b.points().get(pointOfB).inLoop());
  }

  private final class SinkOfA implements Side.Sink {
    @Override
    public void value(int point, int step, String op, Tensor value) {
      placeOfA = orderOfA.position(point, step);
      int partner = pairing.partnerOfA().get(point);
      if (!isCompared(point, partner, step)) {
        return;
      }
      Key key = new Key(point, step);
      if (waiting.containsKey(key)) {
        compare(key, new Shown(op, value), take(key));
      } else if (!endedB && !orderOfB.isPast(placeOfB, partner, step)) {
        keep(key, op, value);
        wanted = key;
        turns.yieldTo(Turns.Turn.SECOND);
      }
      dropPassed();
    }

    @Override
    public void notFinite(String at, String op, int step, String why) {
      notFinite.add(new NotFinite("a", at, op, step, why));
    }
  }

  private final class SinkOfB implements Side.Sink {
    @Override
    public void value(int point, int step, String op, Tensor value) {
      placeOfB = orderOfB.position(point, step);
      int partner = pairing.partnerOfB().get(point);
      Key key = new Key(partner, step);
      if (key.equals(wanted)) {
        compare(key, take(key), new Shown(op, value));
        handBack();
        return;
      }
      if (isCompared(partner, point, step) && !orderOfA.isPast(placeOfA, partner, step)) {
        keep(key, op, value);
      }
      boolean isPastWanted = wanted != null
          && orderOfB.isPast(placeOfB, pairing.partnerOfA().get(wanted.point()), wanted.step());
      if (isPastWanted) {
        drop(wanted);
        handBack();
      }
    }

    private void handBack() {
      wanted = null;
      turns.yieldTo(Turns.Turn.FIRST);
    }

    @Override
    public void notFinite(String at, String op, int step, String why) {
      notFinite.add(new NotFinite("b", at, op, step, why));
    }
  }

  /** Values of B that A has passed without showing its own. */
  private void dropPassed() {
    List<Key> passed = waiting.keySet().stream()
        .filter(key -> orderOfA.isPast(placeOfA, key.point(), key.step()))
        .toList();
    passed.forEach(this::drop);
  }

  private void keep(Key key, String op, Tensor value) {
    Tensor copy = Tensor.zeros(value.element(), value.sizes());
    copy.data().duplicate().put(value.data().duplicate().rewind());
    waiting.put(key, new Shown(op, copy));
    waitingBytes += copy.data().capacity();
    peakBytes = Math.max(peakBytes, waitingBytes);
  }

  private Shown take(Key key) {
    Shown shown = waiting.remove(key);
    waitingBytes -= shown.bytes();
    return shown;
  }

  private void drop(Key key) {
    if (key != null && waiting.containsKey(key)) {
      take(key);
    }
  }

  private void compare(Key key, Shown ofA, Shown ofB) {
    comparedBytes += ofA.bytes() + (long) ofB.bytes();
    Point left = a.points().get(key.point());
    Point right = b.points().get(pairing.partnerOfA().get(key.point()));
    Distance distance = Distance.between(ofA.value(), ofB.value());
    rows.add(new LayerRow(
        place(left, right), right.location().paths(), key.step(), ofA.op(), ofB.op(), distance));
  }

  /** A value of a file is known by its name. */
  private static String place(Point left, Point right) {
    return right.op().equals(FileSide.OP) ? right.at() : left.at();
  }
}
