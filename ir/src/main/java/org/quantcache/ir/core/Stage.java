package org.quantcache.ir.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.quantcache.ir.attributes.Attribute;

/** What has been done to a module; kept in its attribute {@code stages} in the order in which it happened. */
public enum Stage {
  /** Lifted from a checkpoint, nothing simplified. */
  IMPORTED,
  /** Operations merged so that one of them is one kernel. */
  FUSED,
  /** Only operations that the target device has; weights packed. */
  LOWERED,
  /** Every value has its place in the arena. */
  PLANNED;

  private static final String ATTRIBUTE = "stages";

  /** Spelling in the text form. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The stage spelled {@code text}, if there is one. */
  public static Optional<Stage> named(String text) {
    for (Stage stage : values()) {
      if (stage.text().equals(text)) {
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }

  /** Stages that a module has reached. Words that name no stage are passed over. */
  public static List<Stage> of(IrModule module) {
    if (!module.attributes().has(ATTRIBUTE)) {
      return List.of();
    }
    return module.attributes().strings(ATTRIBUTE).stream()
        .flatMap(word -> named(word).stream())
        .toList();
  }

  /** Marks the stage as reached. */
  public void mark(IrModule module) {
    List<Stage> reached = new ArrayList<>(of(module));
    if (!reached.contains(this)) {
      reached.add(this);
    }
    Attribute list = new Attribute.ListAttr(
        reached.stream().map(s -> Attribute.word(s.text())).toList());
    module.setAttributes(module.attributes().with(ATTRIBUTE, list));
  }
}
