package org.quantcache.tools.layers;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.quantcache.ir.core.Location;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.TensorInfo;
import org.quantcache.kernels.tensor.Tensor;

/** Values that somebody stored under the names of places or results; a tensor is read when it is compared. */
final class FileSide implements Side, AutoCloseable {
  /** What stands in the place of an operation. */
  static final String OP = "file";

  private static final long MOST_BYTES = 1L << 30;

  private final Path path;
  private final SafeTensorsFile file;
  private final List<Point> points = new ArrayList<>();

  /** @throws UserError IM01xx when it is no safetensors file */
  FileSide(Path path) {
    this.path = path;
    this.file = SafeTensorsFile.open(path);
    for (String key : file.keys()) {
      TensorInfo info = file.find(key).orElseThrow().info();
      String shape =
          info.shape().stream().skip(1).map(String::valueOf).collect(Collectors.joining(","));
      points.add(new Point(key, OP, Location.of(key), key, shape, info.bytes(), false));
    }
  }

  @Override
  public List<Point> points() {
    return points;
  }

  @Override
  public boolean isFreeInOrder() {
    return true;
  }

  @Override
  public void run(List<Integer> wanted, Sink sink) {
    wanted.forEach(point -> sink.value(point, 0, OP, read(points.get(point).at())));
  }

  private Tensor read(String key) {
    TensorData data = file.find(key).orElseThrow();
    if (data.info().bytes() > MOST_BYTES) {
      throw UserError.of(
              "CL0731",
              "tensor '%s' of %s has %d bytes, compared are at most 1 GiB each",
              key,
              path,
              data.info().bytes())
          .withHint("store the tap of a smaller model, or leave it out of the file");
    }
    ByteBuffer bytes = data.bytes(0, (int) data.info().bytes());
    return new Tensor(data.info().type().scalar(), data.info().shape(), bytes);
  }

  @Override
  public void close() {
    file.close();
  }
}
