package org.quantcache.kernels.cuda.emulation;

/** What the emulated driver counts. */
public enum DriverCounter {
  /** Calls that start a kernel, or record one. */
  LAUNCHES,
  /** Calls that start a graph. */
  GRAPH_LAUNCHES,
  /** Copies and fills, recorded ones included. */
  COPIES,
  /** Calls that wait until a stream or the device is through: also copies that wait, and giving memory back. */
  WAITS,
  /** Calls that wait for a moment of a stream. */
  EVENT_WAITS,
  /** What was taken and not given back: memory, streams, events, modules and graphs. */
  LIVE
}
