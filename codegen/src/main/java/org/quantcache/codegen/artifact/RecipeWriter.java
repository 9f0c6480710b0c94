package org.quantcache.codegen.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.kernels.pack.PairPacker;
import org.quantcache.kernels.pack.QuadPacker;
import org.quantcache.kernels.pack.TilePacker;
import org.quantcache.kernels.quant.WeightRecipe;

/** Writes what a recipe makes, row by row, panel by panel or tile by tile. */
final class RecipeWriter {
  private final WeightRecipe recipe;
  private final float[] scales;
  private final int[] sums;

  private RecipeWriter(WeightRecipe recipe) {
    this.recipe = recipe;
    this.scales = new float[recipe.groups()];
    this.sums = new int[recipe.groups()];
  }

  static void write(
      WeightRecipe recipe, Attributes definition, StoredType target, WritableByteChannel out)
      throws IOException {
    RecipeWriter writer = new RecipeWriter(recipe);
    TensorType type = definition.type("type");
    String part = definition.word("part", "values");
    if (!part.equals("values")) {
      writer.parts(part.equals("scale"), out);
    } else if (type.layout().name().equals("quad")) {
      int cell = ((QuantType) type.element()).cellBits();
      QuadPacker.pack(
          recipe.outputs(), recipe.inputs(), type.layout().width(), cell, writer::values, out);
    } else if (type.layout().equals(Layout.PAIR)) {
      PairPacker.pack(recipe.outputs(), recipe.inputs(), writer::values, out);
    } else if (type.layout().equals(Layout.TILE) && recipe.bits() > 0) {
      int cell = ((QuantType) type.element()).cellBits();
      TilePacker.pack(recipe.outputs(), recipe.inputs(), cell, writer::values, out);
    } else if (recipe.bits() > 0) {
      writer.valueRows(out);
    } else if (type.layout().equals(Layout.ROW)) {
      writer.floatRows(target, out);
    } else {
      PackedWeights.packFloats(type, recipe.outputs(), recipe.inputs(), recipe::floats, out);
    }
  }

  private void values(long row, byte[] into) {
    recipe.quantized(row, into, scales, sums);
  }

  private void parts(boolean isScale, WritableByteChannel out) throws IOException {
    byte[] values = new byte[recipe.inputs()];
    ByteBuffer chunk = buffer(4 * recipe.groups());
    for (long row = 0; row < recipe.outputs(); row++) {
      values(row, values);
      chunk.clear();
      for (int g = 0; g < recipe.groups(); g++) {
        if (isScale) {
          chunk.putFloat(scales[g]);
        } else {
          chunk.putInt(sums[g]);
        }
      }
      out.write(chunk.flip());
    }
  }

  private void valueRows(WritableByteChannel out) throws IOException {
    byte[] values = new byte[recipe.inputs()];
    for (long row = 0; row < recipe.outputs(); row++) {
      values(row, values);
      out.write(ByteBuffer.wrap(values));
    }
  }

  private void floatRows(StoredType target, WritableByteChannel out) throws IOException {
    float[] values = new float[recipe.inputs()];
    ByteBuffer chunk = buffer(target.bytes() * recipe.inputs());
    for (long row = 0; row < recipe.outputs(); row++) {
      recipe.floats(row, values);
      chunk.clear();
      for (float value : values) {
        PackedWeights.put(chunk, target, value);
      }
      out.write(chunk.flip());
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
