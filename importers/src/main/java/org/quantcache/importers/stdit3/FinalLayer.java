package org.quantcache.importers.stdit3;

import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.Value;

/** Last modulation and projection; model section 3.7. */
final class FinalLayer {
  private final Lift lift;

  FinalLayer(Lift lift) {
    this.lift = lift;
  }

  /** {@code [B, T, S, patch volume * Co]}. */
  Value build(
      Value x, Value condition, Optional<Value> conditionAtZero, Optional<Value> frameMask) {
    StditConfig config = lift.config();
    lift.at("final_layer.scale_shift_table");
    Value table = lift.reshape(
        lift.weightF32("final_layer.scale_shift_table", 2, config.hiddenSize()),
        1,
        2,
        config.hiddenSize());
    Value modulated = normModulate(x, table, condition);
    Value chosen = modulated;
    if (frameMask.isPresent()) {
      // The original overwrites its variable first, so that the other frames get the norm of the
      // modulated value.
      Value again = normModulate(modulated, table, conditionAtZero.orElseThrow());
      chosen = lift.select(frameMask.get(), modulated, again);
    }
    return lift.linear(
        chosen, "final_layer.linear", (long) config.patchVolume() * config.outChannels());
  }

  private Value normModulate(Value x, Value table, Value condition) {
    lift.at("final_layer");
    long batch = condition.type().size(0);
    long c = lift.config().hiddenSize();
    Value sum = lift.add(table, lift.reshape(condition, batch, 1, c));
    Value shift = lift.reshape(lift.slice(sum, 1, 0, 1), batch, 1, 1, c);
    Value scale = lift.reshape(lift.slice(sum, 1, 1, 1), batch, 1, 1, c);
    return lift.modulate(lift.layerNorm(x), shift, scale);
  }
}
