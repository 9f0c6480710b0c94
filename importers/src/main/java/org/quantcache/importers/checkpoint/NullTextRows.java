package org.quantcache.importers.checkpoint;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/**
 * A checkpoint whose null text has another number of rows than {@code model_max_length}: as in the original's loader
 * (model section 4) surplus rows are cut off, and missing ones repeat the last row. All other tensors pass through.
 */
final class NullTextRows implements WeightStore {
  private final WeightStore weights;
  private final long rows;

  private NullTextRows(WeightStore weights, long rows) {
    this.weights = weights;
    this.rows = rows;
  }

  /** The weights with {@code rows} rows of null text; the same store when it has that many. */
  static WeightStore fit(WeightStore weights, long rows) {
    boolean fits = weights
        .find(CheckpointLayout.NULL_TEXT)
        .map(data -> data.info().shape().get(0) == rows)
        .orElse(true);
    return fits ? weights : new NullTextRows(weights, rows);
  }

  @Override
  public Set<String> keys() {
    return weights.keys();
  }

  @Override
  public Optional<TensorData> find(String key) {
    Optional<TensorData> found = weights.find(key);
    return key.equals(CheckpointLayout.NULL_TEXT)
        ? found.map(data -> new Fitted(data, rows))
        : found;
  }

  @Override
  public void close() {
    weights.close();
  }

  private static final class Fitted implements TensorData {
    private final TensorData data;
    private final TensorInfo info;
    private final long rowBytes;

    Fitted(TensorData data, long rows) {
      this.data = data;
      TensorInfo stored = data.info();
      List<Long> shape = ImmutableList.of(rows, stored.shape().get(1));
      this.rowBytes = stored.shape().get(1) * stored.type().bytes();
      this.info =
          new TensorInfo(stored.name(), stored.type(), shape, stored.offset(), rows * rowBytes);
    }

    @Override
    public TensorInfo info() {
      return info;
    }

    @Override
    public ByteBuffer bytes(long offset, int length) {
      if (offset < 0 || length < 0 || offset > info.bytes() - length) {
        throw new IndexOutOfBoundsException(offset + ".." + (offset + length) + " of " + info);
      }
      long stored = data.info().bytes();
      if (offset + length <= stored) {
        return data.bytes(offset, length);
      }
      ByteBuffer out = ByteBuffer.allocate(length);
      for (long at = offset; out.hasRemaining(); ) {
        // Behind the stored part the last row goes on repeating; both parts are whole rows.
        long from = at < stored ? at : stored - rowBytes + (at - stored) % rowBytes;
        int count = (int) Math.min(stored - from, out.remaining());
        out.put(data.bytes(from, count));
        at += count;
      }
      return out.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
