package org.quantcache.ir.diagnostics;

/** Every code that module ir gives for text, structure and stages of a program, with its meaning. */
public enum IrCode {
  SYNTAX("IR0101", "the text does not follow the grammar"),
  UNKNOWN_OPERATION("IR0102", "no operation has this name"),
  UNDEFINED_VALUE("IR0103", "a value is read that is not defined before or not visible here"),
  NESTED_TOO_DEEP("IR0104", "brackets are nested deeper than any real program does"),
  BAD_QUOTED_TEXT("IR0105", "a quoted text is not closed or has an unknown escape"),
  NUMBER_RANGE("IR0106", "a number does not fit 64 bits"),
  DEFINED_TWICE("IR0107", "a value, symbol, function, attribute or alias is defined twice"),
  BAD_TYPE("IR0108", "no such element kind, layout or size"),
  UNKNOWN_ALIAS("IR0109", "a type alias is used that is not defined before"),
  OPERATION_FORM("IR0110", "operands, regions, symbol or attributes do not fit the operation"),
  TYPE_RULE(
      "IR0111", "operand types do not fit the operation, or its results are declared otherwise"),
  BAD_ATTRIBUTE("IR0112", "an attribute value has no meaning"),
  MALFORMED_JSON("IR0120", "the text is no JSON"),
  JSON_FORM("IR0121", "the JSON does not have the form of a module"),

  NOT_VISIBLE(
      "IR0201", "an operand is defined later or in a region that does not enclose the reader"),
  USE_LIST("IR0202", "operands and use lists disagree"),
  TERMINATOR("IR0203", "a region does not end with its terminator, or has one before its end"),
  RETURN_TYPES("IR0204", "func.return gives other types than the function declares"),
  WEIGHT_REFERENCE("IR0205", "weight.get names no weight.def, or one of another type"),
  LOOP_TYPES("IR0206", "arguments, carried values and yields of a loop disagree"),
  UNBOUNDED_SIZE("IR0207", "a symbolic size has no bound in the module"),
  NO_LOCATION("IR0208", "an operation of an imported module does not say where it comes from"),
  INTERFACE_NAMES("IR0209", "parameter or result names are missing, equal or no names"),
  MODULE_ATTRIBUTES("IR0210", "module attribute dims or stages does not have its form"),
  BROKEN_FORM("IR0211", "operands, regions, symbol or attributes no longer fit the operation"),
  BROKEN_TYPES(
      "IR0212", "the type rule no longer holds or gives other types than the results have"),
  GUARD_FORM(
      "IR0213",
      "a guard stands outside of a loop, yields another type or shares its name; a probe names no guard or"
          + " stands where that one does not ask it"),

  NOT_PLANNED("IR0301", "a value of a planned module has no place in the arena"),
  BAD_PLACE("IR0302", "a place in the arena is not aligned or not inside the arena");

  private final String code;
  private final String meaning;

  IrCode(String code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** Stable identifier, such as {@code IR0101}. */
  public String code() {
    return code;
  }

  /** One line. */
  public String meaning() {
    return meaning;
  }
}
