package org.quantcache.passes.memory;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The arena as a list of areas, each with what was last written there. */
final class ArenaImage {
  private record Area(long end, Object content) {}

  private final NavigableMap<Long, Area> areas = new TreeMap<>();

  /** Writes {@code content} to bytes {@code start..end}; what was there is gone. */
  void write(long start, long end, Object content) {
    splitAt(start);
    splitAt(end);
    areas.subMap(start, true, end, false).clear();
    areas.put(start, new Area(end, content));
  }

  /** Whether bytes {@code start..end} hold {@code content} and nothing else. */
  boolean holds(long start, long end, Object content) {
    long at = start;
    while (at < end) {
      Map.Entry<Long, Area> area = areas.floorEntry(at);
      if (area == null || area.getValue().end <= at || area.getValue().content != content) {
        return false;
      }
      at = area.getValue().end;
    }
    return true;
  }

  private void splitAt(long place) {
    Map.Entry<Long, Area> below = areas.lowerEntry(place);
    if (below != null && below.getValue().end > place) {
      Area whole = below.getValue();
      areas.put(below.getKey(), new Area(place, whole.content));
      areas.put(place, whole);
    }
  }
}
