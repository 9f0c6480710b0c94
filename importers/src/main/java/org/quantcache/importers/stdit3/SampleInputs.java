package org.quantcache.importers.stdit3;

import java.util.Optional;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.Value;

/** Parameters of {@code @sample} that its loop reads. */
record SampleInputs(
    Optional<Value> latents,
    Value y,
    Optional<Value> mask,
    Value height,
    Value width,
    Value fps,
    Value guidance,
    Optional<Condition> condition) {
  /** Share of noise from which on a frame moves, by frame, and the noise of each step. */
  record Condition(Value mask, Value draws) {}

  static SampleInputs of(Parameters parameters, Function function) {
    return new SampleInputs(
        parameters.find(function, "z_steps"),
        parameters.of(function, "y"),
        parameters.find(function, "mask"),
        parameters.of(function, "height"),
        parameters.of(function, "width"),
        parameters.of(function, "fps"),
        parameters.of(function, "guidance"),
        parameters
            .find(function, "cond_mask")
            .map(mask -> new Condition(mask, parameters.of(function, "noise_draws"))));
  }
}
