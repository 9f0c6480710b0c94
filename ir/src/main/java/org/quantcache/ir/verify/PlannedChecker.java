package org.quantcache.ir.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.core.OpDef.Trait;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.core.Value;
import org.quantcache.ir.diagnostics.Diagnostics;
import org.quantcache.ir.diagnostics.IrCode;
import org.quantcache.ir.ops.StructureOps;

/**
 * After {@link Stage#PLANNED} every parameter, every argument of a loop but the step index, and every result that is
 * no weight and no view of one has a place: aligned and inside the arena. Whether places overlap in time is checked by
 * the planner's own tests, which know the lifetimes.
 */
final class PlannedChecker implements StageChecker {
  private static final long ALIGNMENT = 64;

  @Override
  public Stage stage() {
    return Stage.PLANNED;
  }

  @Override
  public void check(IrModule module, Diagnostics diagnostics) {
    for (Function function : module.functions()) {
      new FunctionCheck(module.dimensionBounds(), function, diagnostics).run();
    }
  }

  private record FunctionCheck(
      Map<String, Long> bounds, Function function, Diagnostics diagnostics) {

    void run() {
      Attributes attributes = function.attributes();
      try {
        long arena = attributes.integer("arena_bytes");
        places(function.parameters(), attributes, "params_at", arena, function.location());
        function.body().walk(operation -> operation(operation, arena));
      } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
        error(IrCode.NOT_PLANNED, function.location(), e.getMessage());
      }
    }

    private void error(IrCode code, Location location, String message) {
      diagnostics.error(code, location, "in @%s: %s", function.name(), message);
    }

    private void operation(Operation operation, long arena) {
      boolean free =
          operation.definition().has(Trait.VIEW) && !operation.attributes().has("at");
      if (!operation.results().isEmpty() && !free) {
        places(operation.results(), operation.attributes(), "at", arena, operation.location());
      }
      if (operation.is(StructureOps.LOOP)) {
        List<Value> arguments = operation.regions().get(0).arguments();
        places(arguments, operation.attributes(), "args_at", arena, operation.location());
      }
    }

    private void places(
        List<Value> values, Attributes attributes, String name, long arena, Location location) {
      if (!attributes.has(name)) {
        error(IrCode.NOT_PLANNED, location, "attribute '" + name + "' is missing");
        return;
      }
      List<Long> places = new ArrayList<>(attributes.longs(name));
      if (places.size() != values.size()) {
        error(
            IrCode.NOT_PLANNED,
            location,
            "'" + name + "' has " + places.size() + " places for " + values.size() + " values");
        return;
      }
      for (int i = 0; i < places.size(); i++) {
        boolean stepIndex = name.equals("args_at") && i == 0 && places.get(i) == -1;
        if (!stepIndex) {
          place(values.get(i), places.get(i), arena, location);
        }
      }
    }

    private void place(Value value, long offset, long arena, Location location) {
      long bytes = value.type().bytes(symbol -> bounds.getOrDefault(symbol, 0L));
      if (offset < 0 || offset % ALIGNMENT != 0 || offset > arena - bytes) {
        error(
            IrCode.BAD_PLACE,
            location,
            value + " of " + bytes + " bytes is placed at " + offset + " of an arena of " + arena
                + " bytes");
      }
    }
  }
}
