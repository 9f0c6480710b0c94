package org.quantcache.kernels.tensor;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.files.AtomicFile;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.SafeTensorsWriter;
import org.quantcache.ir.weights.StoredType;
import org.quantcache.ir.weights.TensorData;

/** Named tensors in a safetensors file. */
public final class TensorFile {
  private TensorFile() {}

  /** Reads all tensors, in file order. */
  public static Map<String, Tensor> read(Path path) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      for (String key : file.keys()) {
        TensorData data = file.find(key).orElseThrow();
        if (data.info().bytes() > 1 << 30) {
          throw UserError.of(
              "RT0302",
              "tensor '%s' of %s has %d bytes, inputs have at most 1 GiB each",
              key,
              path,
              data.info().bytes());
        }
        ByteBuffer bytes = data.bytes(0, (int) data.info().bytes());
        out.put(key, new Tensor(data.info().type().scalar(), data.info().shape(), bytes));
      }
    }
    return out;
  }

  /** Writes tensors in the order of the map. */
  public static void write(Path path, Map<String, Tensor> tensors) {
    SafeTensorsWriter writer = new SafeTensorsWriter();
    tensors.forEach(
        (name, tensor) -> writer.declare(name, StoredType.of(tensor.element()), tensor.sizes()));
    AtomicFile.write(
        path,
        channel -> writer.write(
            channel,
            (info, out) -> out.write(tensors.get(info.name()).data().duplicate().rewind())));
  }
}
