package org.quantcache.tools.layers;

/** Lets two threads run in turns: one of them at a time, the first one first. */
final class Turns {
  /** Who may run. */
  enum Turn {
    FIRST,
    SECOND
  }

  /** The other thread has failed, so that nothing that this one does is of use. */
  static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1;

    Abandoned() {
      super("the other side failed", null, false, false);
    }
  }

  private Turn turn = Turn.FIRST;
  private boolean abandoned;

  /** Lets the other one run until it hands back, fails or ends. @throws Abandoned when it failed */
  synchronized void yieldTo(Turn other) {
    Turn own = turn;
    turn = other;
    notifyAll();
    await(own);
  }

  /** Waits until it is this one's turn. @throws Abandoned when the other one failed */
  synchronized void await(Turn own) {
    while (turn != own && !abandoned) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        abandoned = true;
        notifyAll();
      }
    }
    if (abandoned) {
      throw new Abandoned();
    }
  }

  /** Lets the other one run for good. */
  synchronized void leaveTo(Turn other) {
    turn = other;
    notifyAll();
  }

  /** Wakes the other one up, which then ends. */
  synchronized void abandon() {
    abandoned = true;
    notifyAll();
  }
}
