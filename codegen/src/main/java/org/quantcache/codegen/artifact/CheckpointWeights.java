package org.quantcache.codegen.artifact;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.ir.weights.WeightStore;

/** The checkpoint tensors that a module reads, unchanged. */
final class CheckpointWeights {
  private static final int CHUNK_BYTES = 1 << 24;

  private final WeightStore store;
  private final SafeTensorsWriter writer = new SafeTensorsWriter();

  CheckpointWeights(IrModule module, WeightStore store) {
    this.store = store;
    for (String key : ArtifactWriter.keys(module)) {
      TensorInfo info = find(key).info();
      writer.declare(key, info.type(), info.shape());
    }
  }

  long bytes() {
    return writer.fileBytes();
  }

  void write(WritableByteChannel out) throws IOException {
    writer.write(out, (info, target) -> {
      TensorData source = find(info.name());
      for (long at = 0; at < info.bytes(); at += CHUNK_BYTES) {
        target.write(source.bytes(at, (int) Math.min(CHUNK_BYTES, info.bytes() - at)));
      }
    });
  }

  private TensorData find(String key) {
    return store
        .find(key)
        .orElseThrow(() -> UserError.of("CG0301", "the checkpoint holds no tensor '%s'", key));
  }
}
