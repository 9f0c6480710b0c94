package org.quantcache.ir.weights;

import java.util.Optional;
import java.util.Set;

/** Named tensors of a checkpoint or artifact. Data is read only when asked for. */
public interface WeightStore extends AutoCloseable {
  /** Keys in file order. */
  Set<String> keys();

  Optional<TensorData> find(String key);

  @Override
  void close();
}
