package org.quantcache.ir.json;

import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.OpRegistry;

/**
 * JSON form of a module, for other tools. Keys have a fixed order and empty parts are left out:
 *
 * <pre>
 * {"qir": 1, "name": "m", "attributes": {...}, "globals": [operation...], "functions": [{
 *   "name": "f", "parameters": [value...], "results": ["f32[2]"], "attributes": {...}, "locations": ["..."],
 *   "body": [{"op": "nn.linear", "operands": [0, 1], "attributes": {...}, "results": [value...],
 *             "regions": [{"name": "", "arguments": [value...], "body": [...]}], "locations": ["..."]}]}]}
 * </pre>
 *
 * A value is {@code {"value": 0, "name": "x", "type": "f32[2]"}}, numbered in its function. Attributes are numbers,
 * strings, booleans and lists where JSON has them, else {@code {"word": "tanh"}}, {@code {"symbol": "w"}}, {@code
 * {"type": "f32[2]"}}, {@code {"float": "nan"}} or {@code {"struct": "dim", "fields": {...}}}.
 */
public final class IrJson {
  private IrJson() {}

  /** The module as JSON, ASCII only, ending in a line break. */
  public static String write(IrModule module) {
    return JsonModuleWriter.write(module);
  }

  /**
   * The module that {@code text} holds. Operations pass the checks of the builder.
   *
   * @throws org.quantcache.ir.diagnostics.UserError IR0120 for text that is no JSON, IR0121 for another form, with the
   *     path of the part in question
   */
  public static IrModule read(String text, OpRegistry registry) {
    return new JsonModuleReader(registry).read(text);
  }
}
