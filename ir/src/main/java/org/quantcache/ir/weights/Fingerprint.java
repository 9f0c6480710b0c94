package org.quantcache.ir.weights;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** Tells one checkpoint from another without reading all of it. */
public final class Fingerprint {
  private static final int SAMPLED_BYTES = 1 << 12;

  private Fingerprint() {}

  /** SHA-256 over name, type, shape and first 4 KiB of every tensor, as hexadecimal digits. */
  public static String of(WeightStore store) {
    Hasher hasher = Hashing.sha256().newHasher();
    store.keys().stream().sorted().forEach(key -> {
      TensorData data = store.find(key).orElseThrow();
      TensorInfo info = data.info();
      String head = key + "\n" + info.type() + "\n" + info.shape() + "\n";
      hasher.putBytes(head.getBytes(StandardCharsets.UTF_8));
      hasher.putBytes(data.bytes(0, (int) Math.min(SAMPLED_BYTES, info.bytes())));
    });
    return hasher.hash().toString();
  }
}
