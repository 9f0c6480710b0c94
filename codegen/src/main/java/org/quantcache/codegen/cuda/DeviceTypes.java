package org.quantcache.codegen.cuda;

import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.ir.types.ScalarType;

/** Element kinds as kernels call them, and what follows from them. */
final class DeviceTypes {
  /** The most bytes that one instruction reads or writes. */
  private static final int PACK_BYTES = 16;

  /** Compilers take names of any length, tools do not. */
  private static final int LONGEST = 200;

  private DeviceTypes() {}

  /** @throws IllegalArgumentException for a kind that no kernel reads */
  static String name(ScalarType type) {
    return switch (type) {
      case F32 -> "float";
      case BF16 -> "bf16";
      case F16 -> "f16";
      case U8, I1 -> "u8";
      case I8 -> "s8";
      case I32 -> "int";
      default -> throw new IllegalArgumentException("no kernel reads " + type.text());
    };
  }

  /** Elements that an instruction reads at once. */
  static int packed(ScalarType type) {
    return PACK_BYTES / type.bytes();
  }

  /** The same for rows of {@code channels}: one where rows do not consist of whole packs. */
  static int packedRows(ScalarType type, int channels) {
    return channels % packed(type) == 0 ? packed(type) : 1;
  }

  /**
   * Name of a kernel, different for different activations: {@code _bf16} when all of them are, all their kinds when
   * they differ.
   *
   * @param activations kinds of the pointers that are not always f32
   */
  static String functionName(String base, List<ScalarType> activations) {
    List<ScalarType> floats = activations.stream().filter(ScalarType::isFloat).toList();
    if (floats.stream().allMatch(t -> t == ScalarType.F32)) {
      return identifier(base);
    }
    boolean same = floats.stream().distinct().count() == 1;
    String kinds = same
        ? floats.get(0).text()
        : floats.stream().map(ScalarType::text).collect(Collectors.joining("_"));
    return identifier(base + "_" + kinds);
  }

  private static String identifier(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9_]", "_");
    if (clean.length() <= LONGEST) {
      return clean;
    }
    return clean.substring(0, LONGEST) + "_" + Integer.toHexString(name.hashCode());
  }

  /** @throws IllegalArgumentException unless there are so many kinds */
  static void requireCount(List<ScalarType> types, int count) {
    if (types.size() != count) {
      throw new IllegalArgumentException(
          "a kernel of " + count + " pointers gets " + types.size() + " kinds");
    }
  }
}
