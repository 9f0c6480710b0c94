package org.quantcache.codegen.artifact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.Dim;
import org.quantcache.ir.types.Layout;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.types.TensorType;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.pack.PairPacker;
import org.quantcache.kernels.pack.PanelPacker;
import org.quantcache.kernels.pack.QuadPacker;
import org.quantcache.kernels.pack.TilePacker;
import org.quantcache.kernels.quant.WeightRecipe;

/**
 * The weights of a module as its definitions describe them, streamed: at no time more than one panel is in memory. A
 * packed weight is stored as {@code [panels, K, width]}, one of quads as {@code [panels, ceil(K / 4), bytes of a row]}, one of
 * pairs as {@code [N, ceil(K / 2)]}, one of tiles as {@code [panels, steps, 64, elements or bytes of a row]}.
 */
final class PackedWeights {
  private static final int CHUNK_ELEMENTS = 1 << 18;

  private final WeightStore store;
  private final BuildProgress progress;
  private final Map<String, Attributes> definitions = new LinkedHashMap<>();
  private final SafeTensorsWriter writer = new SafeTensorsWriter();

  /** Declares every weight of {@code module}. */
  PackedWeights(IrModule module, WeightStore store, BuildProgress progress) {
    this.store = store;
    this.progress = progress;
    for (Operation global : module.globals()) {
      if (global.is(StructureOps.WEIGHT_DEF)) {
        declare(global.symbol().orElseThrow(), global.attributes());
      }
    }
  }

  private void declare(String name, Attributes definition) {
    TensorType type = definition.type("type");
    definitions.put(name, definition);
    writer.declare(name, storedType(type), storedSizes(type));
  }

  /** Two values of 4 bits in a byte are no number. */
  private static StoredType storedType(TensorType type) {
    if (type.element() instanceof QuantType quantized) {
      boolean halves = !type.layout().equals(Layout.ROW) && quantized.cellBits() == 4;
      return halves ? StoredType.U8 : StoredType.I8;
    }
    return StoredType.of((ScalarType) type.element());
  }

  private static boolean isQuad(TensorType type) {
    return type.layout().name().equals("quad");
  }

  private static List<Long> storedSizes(TensorType type) {
    List<Long> sizes = type.dims().stream().map(Dim::coefficient).toList();
    if (type.layout().equals(Layout.ROW)) {
      return sizes;
    }
    if (type.layout().equals(Layout.PAIR)) {
      int inputs = Math.toIntExact(sizes.get(1));
      return List.of(sizes.get(0), (long) PairPacker.rowBytes(inputs));
    }
    if (type.layout().equals(Layout.TILE)) {
      int bits = (int) type.element().storageBits(1);
      long ofRow = TilePacker.depth(bits) * Math.min(bits, Byte.SIZE) / Byte.SIZE;
      return List.of(
          TilePacker.panels(sizes.get(0)),
          TilePacker.steps(sizes.get(1), bits),
          (long) TilePacker.ROWS,
          ofRow);
    }
    int width = type.layout().width();
    long panels = (sizes.get(0) + width - 1) / width;
    if (isQuad(type)) {
      int cell = ((QuantType) type.element()).cellBits();
      return List.of(
          panels, QuadPacker.quads(sizes.get(1)), (long) QuadPacker.rowBytes(width, cell));
    }
    return List.of(panels, sizes.get(1), (long) width);
  }

  long bytes() {
    return writer.fileBytes();
  }

  /** Writes the safetensors file. */
  void write(WritableByteChannel out) throws IOException {
    long total = writer.dataBytes();
    writer.write(out, (tensor, channel) -> {
      write(tensor, channel);
      // Tensors follow one another: what lies before this one is written.
      progress.advanced(BuildProgress.Phase.WEIGHTS, tensor.offset() + tensor.bytes(), total);
    });
  }

  private void write(TensorInfo target, WritableByteChannel out) throws IOException {
    Attributes definition = definitions.get(target.name());
    if (WeightRecipe.isNeeded(definition)) {
      RecipeWriter.write(WeightRecipe.of(definition, this::find), definition, target.type(), out);
      return;
    }
    String key = definition.string("key");
    TensorData source = find(key).orElseThrow();
    TensorType type = definition.type("type");
    long rowCount = source.info().shape().isEmpty() ? 1 : source.info().shape().get(0);
    long rowElements = source.info().elements() / Math.max(1, rowCount);
    List<Long> rows = definition.has("rows") ? definition.longs("rows") : List.of();
    if (type.layout().equals(Layout.ROW)) {
      if (rows.isEmpty()) {
        requireFits(source, target);
        convert(source, 0, source.info().elements(), target.type(), out);
      }
      for (long row : rows) {
        convert(source, row * rowElements, rowElements, target.type(), out);
      }
      return;
    }
    int inputs = Math.toIntExact(type.size(1));
    PanelPacker.Rows read = (row, into) ->
        source.readFloats((rows.isEmpty() ? row : rows.get((int) row)) * inputs, into, inputs);
    packFloats(type, type.size(0), inputs, read, out);
  }

  /** Floats in panels or tiles. */
  static void packFloats(
      TensorType type, long outputs, int inputs, PanelPacker.Rows rows, WritableByteChannel out)
      throws IOException {
    ScalarType element = (ScalarType) type.element();
    if (type.layout().equals(Layout.TILE)) {
      TilePacker.pack(outputs, inputs, element, rows, out);
    } else {
      PanelPacker.pack(outputs, inputs, type.layout().width(), element, rows, out);
    }
  }

  /** A program may have been compiled without its checkpoint at hand. */
  private static void requireFits(TensorData source, TensorInfo target) {
    if (source.info().elements() != target.elements()) {
      throw UserError.of(
              "CG0303",
              "tensor '%s' of the checkpoint has %d elements, the program reads %d",
              source.info().name(),
              source.info().elements(),
              target.elements())
          .withHint(
              "take the checkpoint that the program was compiled for, or compile it for this one");
    }
  }

  private Optional<TensorData> find(String key) {
    Optional<TensorData> found = store.find(key);
    if (found.isEmpty()) {
      throw UserError.of("CG0301", "the checkpoint holds no tensor '%s'", key);
    }
    return found;
  }

  private static void convert(
      TensorData source, long first, long count, StoredType target, WritableByteChannel out)
      throws IOException {
    float[] values = new float[(int) Math.min(count, CHUNK_ELEMENTS)];
    ByteBuffer chunk =
        ByteBuffer.allocate(values.length * target.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < count; done += values.length) {
      int length = (int) Math.min(values.length, count - done);
      source.readFloats(first + done, values, length);
      chunk.clear();
      for (int i = 0; i < length; i++) {
        put(chunk, target, values[i]);
      }
      out.write(chunk.flip());
    }
  }

  static void put(ByteBuffer chunk, StoredType target, float value) {
    switch (target) {
      case F32 -> chunk.putFloat(value);
      case F16 -> chunk.putShort(HalfFloats.toHalf(value));
      case BF16 -> chunk.putShort(HalfFloats.toBfloat16(value));
      default -> throw new IllegalStateException("weights are floats, found " + target);
    }
  }
}
