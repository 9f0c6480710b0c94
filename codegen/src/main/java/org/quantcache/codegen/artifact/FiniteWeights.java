package org.quantcache.codegen.artifact;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/**
 * Weights that are checked while they are read: a NaN or an infinity in a checkpoint means that it is damaged, and
 * would spread over everything that a program computes.
 */
final class FiniteWeights implements WeightStore {
  private final WeightStore weights;

  FiniteWeights(WeightStore weights) {
    this.weights = weights;
  }

  @Override
  public Set<String> keys() {
    return weights.keys();
  }

  @Override
  public Optional<TensorData> find(String key) {
    return weights.find(key).map(Checked::new);
  }

  @Override
  public void close() {
    weights.close();
  }

  /** @throws UserError CG0302 from {@link #bytes} when they hold a number that is not finite */
  private record Checked(TensorData data) implements TensorData {
    @Override
    public TensorInfo info() {
      return data.info();
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      ByteBuffer bytes = data.bytes(offset, length);
      StoredType type = data.info().type();
      for (int at = 0; at < length; at += type.bytes()) {
        if (!isFinite(bytes, at, type)) {
          throw UserError.of(
                  "CG0302",
                  "tensor '%s' of the checkpoint holds NaN or an infinity at element %d",
                  data.info().name(),
                  (offset + at) / type.bytes())
              .withHint("the checkpoint is damaged; copy or convert it again");
        }
      }
      return bytes;
    }

    /** All bits of the exponent are set in what is no finite number. */
    private static boolean isFinite(ByteBuffer bytes, int at, StoredType type) {
      return switch (type) {
        case F64 -> Double.isFinite(bytes.getDouble(at));
        case F32 -> Float.isFinite(bytes.getFloat(at));
        case F16 -> (bytes.getShort(at) & 0x7c00) != 0x7c00;
        case BF16 -> (bytes.getShort(at) & 0x7f80) != 0x7f80;
        case I64, I32, I16, I8, U8, BOOL -> true;
      };
    }
  }
}
