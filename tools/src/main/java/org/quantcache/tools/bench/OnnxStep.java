package org.quantcache.tools.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;

/** One network step in ONNX Runtime. */
final class OnnxStep implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

  OnnxStep(Path model, Map<String, Tensor> given, int threads) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(model.toString(), options);
      for (String name : session.getInputNames()) {
        Tensor tensor = given.get(name);
        long[] sizes = tensor.sizes().stream().mapToLong(Long::longValue).toArray();
        inputs.put(
            name, OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), sizes));
      }
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Elements of the first output. */
  float[] run() {
    try (OrtSession.Result result = session.run(inputs)) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] out = new float[values.remaining()];
      values.get(out);
      return out;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static UserError failed(OrtException e) {
    return UserError.of("CL0601", "ONNX Runtime: %s", e.getMessage()).causedBy(e);
  }

  @Override
  public void close() {
    try {
      inputs.values().forEach(OnnxTensor::close);
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }
}
