package org.quantcache.importers.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.weights.HalfFloats;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorInfo;

/**
 * Seeded random checkpoints in the real layout and naming. Element {@code i} of a tensor is drawn from the
 * SplitMix64 output at counter {@code hash(seed, name) + i}, uniform with the spread that keeps activations near 1:
 * weights have standard deviation {@code 0.7 / sqrt(fan-in)}, norm weights lie around 1, tables and biases are small.
 * Data is streamed: memory use does not depend on the size of the model.
 */
public final class SynthModel {
  private static final int CHUNK_ELEMENTS = 1 << 18;

  private final StditConfig config;
  private final StoredType type;
  private final long seed;

  /** A generator. @throws UserError IM0401 when {@code type} is no float kind of a checkpoint */
  public SynthModel(StditConfig config, StoredType type, long seed) {
    if (type != StoredType.F32 && type != StoredType.F16 && type != StoredType.BF16) {
      throw UserError.of("IM0401", "checkpoints are written as F32, F16 or BF16, found %s", type);
    }
    this.config = config;
    this.type = type;
    this.seed = seed;
  }

  /** Bytes of the weight file. */
  public long fileBytes() {
    return layout().fileBytes();
  }

  /**
   * Writes {@code config.json} and {@code model.safetensors} into {@code directory}, which is made when missing.
   *
   * @param progress told of the bytes written so far
   */
  public void write(Path directory, LongConsumer progress) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw UserError.of("RT0301", "cannot make folder %s: %s", directory, e.getMessage()).causedBy(e);
    }
    SafeTensorsWriter writer = layout();
    long[] done = new long[1];
    AtomicFile.write(
        directory.resolve("model.safetensors"),
        channel -> writer.write(channel, (tensor, out) -> fill(tensor, out, bytes -> {
          done[0] += bytes;
          progress.accept(done[0]);
        })));
    AtomicFile.write(
        directory.resolve("config.json"), (configJson().toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private SafeTensorsWriter layout() {
    SafeTensorsWriter writer = new SafeTensorsWriter().metadata("format", "pt");
    for (Map.Entry<String, List<Long>> tensor : CheckpointLayout.of(config).shapes().entrySet()) {
      writer.declare(tensor.getKey(), type, tensor.getValue());
    }
    return writer;
  }

  private void fill(TensorInfo tensor, WritableByteChannel out, LongConsumer written) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_ELEMENTS * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    long start = counter(tensor.name());
    double mean = tensor.name().endsWith("_norm.weight") ? 1 : 0;
    double spread = spread(tensor);
    for (long first = 0; first < tensor.elements(); first += CHUNK_ELEMENTS) {
      int count = (int) Math.min(CHUNK_ELEMENTS, tensor.elements() - first);
      chunk.clear();
      for (int i = 0; i < count; i++) {
        put(chunk, value(tensor, start, first + i, mean, spread));
      }
      chunk.flip();
      written.accept(chunk.remaining());
      out.write(chunk);
    }
  }

  private float value(TensorInfo tensor, long start, long index, double mean, double spread) {
    if (tensor.name().equals(CheckpointLayout.ROPE_FREQUENCIES)) {
      return (float) Math.pow(10000, -2.0 * index / config.headDim());
    }
    double uniform = (mix(start + index) >>> 11) * 0x1p-53 - 0.5;
    return (float) (mean + spread * uniform);
  }

  private static double spread(TensorInfo tensor) {
    String name = tensor.name();
    if (name.endsWith("_norm.weight") || name.endsWith(".bias") || name.endsWith("scale_shift_table")) {
      return 0.2;
    }
    if (name.endsWith("y_embedding")) {
      return 2;
    }
    long fanIn = tensor.elements() / tensor.shape().get(0);
    // A uniform variable of width w has standard deviation w / sqrt(12).
    return 0.7 * Math.sqrt(12.0 / fanIn);
  }

  private void put(ByteBuffer chunk, float value) {
    switch (type) {
      case F16 -> chunk.putShort(HalfFloats.toHalf(value));
      case BF16 -> chunk.putShort(HalfFloats.toBfloat16(value));
      default -> chunk.putFloat(value);
    }
  }

  private long counter(String name) {
    long hash = mix(seed);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = mix(hash ^ (b & 0xff));
    }
    return hash;
  }

  private static long mix(long counter) {
    long z = counter * 0x9e3779b97f4a7c15L + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private ObjectNode configJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model_type", "STDiT3");
    root.putArray("architectures").add("STDiT3");
    root.put("input_sq_size", config.inputSqSize());
    root.put("in_channels", config.inChannels());
    ArrayNode patch = root.putArray("patch_size");
    config.patch().forEach(patch::add);
    root.put("hidden_size", config.hiddenSize());
    root.put("depth", config.depth());
    root.put("num_heads", config.heads());
    root.put("mlp_ratio", config.mlpRatio());
    root.put("pred_sigma", config.predSigma());
    root.put("caption_channels", config.captionChannels());
    root.put("model_max_length", config.modelMaxLength());
    root.put("qk_norm", config.qkNorm());
    root.put("skip_y_embedder", config.skipYEmbedder());
    root.put("torch_dtype", type == StoredType.F32 ? "float32" : type == StoredType.F16 ? "float16" : "bfloat16");
    return root;
  }
}
