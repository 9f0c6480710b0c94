package org.quantcache.importers.stdit3;

import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.ir.core.Value;

/** Last modulation and projection; model section 3.7. */
final class FinalLayer {
  private static final String PATH = "final_layer";

  private final Lift lift;
  private final StditConfig config;

  FinalLayer(Lift lift) {
    this.lift = lift;
    this.config = lift.config();
  }

  /** {@code [B, T, S, patch volume * Co]}. */
  Value build(
      Value x, Value condition, Optional<Value> conditionAtZero, Optional<Value> frameMask) {
    lift.at(PATH + ".scale_shift_table");
    Value stored = lift.weightF32(PATH + ".scale_shift_table", 2, config.hiddenSize());
    Value table = lift.reshape(stored, 1, 2, config.hiddenSize());
    Value chosen = normModulate(x, table, condition, "");
    if (frameMask.isPresent()) {
      // The original overwrites its variable first, so that the other frames get the norm of the
      // modulated value.
      Value again = normModulate(chosen, table, conditionAtZero.orElseThrow(), "_zero");
      chosen = lift.called("modulated").select(frameMask.get(), chosen, again);
    }
    long columns = (long) config.patchVolume() * config.outChannels();
    return lift.linear(chosen, PATH + ".linear", columns);
  }

  private Value normModulate(Value x, Value table, Value condition, String suffix) {
    lift.at(PATH);
    long batch = condition.type().size(0);
    Value added = lift.reshape(condition, batch, 1, config.hiddenSize());
    Value sum = lift.called("modulation" + suffix).add(table, added);
    Value shift = row(sum, 0, "shift" + suffix);
    Value scale = row(sum, 1, "scale" + suffix);
    lift.at(PATH + ".norm_final");
    Value norm = lift.layerNorm(x);
    return lift.at(PATH).called("modulated").modulate(norm, shift, scale);
  }

  private Value row(Value sum, int index, String name) {
    Lift named = lift.called(name);
    Value cut = named.slice(sum, 1, index, 1);
    return named.reshape(cut, sum.type().size(0), 1, 1, config.hiddenSize());
  }
}
