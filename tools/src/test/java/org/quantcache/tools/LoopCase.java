package org.quantcache.tools;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.importers.checkpoint.Checkpoint;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.stdit3.RequestOfInputs;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.weights.TensorData;
import org.quantcache.ir.weights.WeightStore;
import org.quantcache.kernels.tensor.Tensor;

/**
 * A sampling loop of the original code's cases, as deep as a test wants it: blocks that the checkpoint does not have are
 * those that it has once more.
 */
final class LoopCase implements AutoCloseable {
  private static final Pattern BLOCK = Pattern.compile("(.*_blocks\\.)([0-9]+)(\\..*)");

  private final GoldenCase golden;
  private final Checkpoint checkpoint;
  private final StditConfig config;
  private final WeightStore weights;

  LoopCase(String name, int depth) {
    this.golden = GoldenCase.of(name);
    this.checkpoint = golden.checkpoint();
    StditConfig stored = checkpoint.config();
    this.config = new StditConfig(
        stored.hiddenSize(),
        depth,
        stored.heads(),
        stored.patch(),
        stored.inChannels(),
        stored.mlpRatio(),
        stored.predSigma(),
        stored.captionChannels(),
        stored.modelMaxLength(),
        stored.qkNorm(),
        stored.inputSqSize(),
        stored.skipYEmbedder());
    this.weights = new Repeated(checkpoint.weights(), stored.depth());
  }

  WeightStore weights() {
    return weights;
  }

  Map<String, Tensor> inputs() {
    return golden.sampleInputs();
  }

  IrModule lift() {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    golden.inputs().forEach((key, tensor) -> sizes.put(key, tensor.sizes()));
    return new StditImporter(
            golden.name(),
            config,
            key -> weights.find(key).map(t -> t.info().type().scalar()))
        .sample(RequestOfInputs.sample(config, sizes, golden.sampler()))
        .finish();
  }

  @Override
  public void close() {
    checkpoint.close();
  }

  private record Repeated(WeightStore stored, int depth) implements WeightStore {
    @Override
    public Set<String> keys() {
      return stored.keys();
    }

    @Override
    public Optional<TensorData> find(String key) {
      Matcher block = BLOCK.matcher(key);
      return stored.find(
          block.matches()
              ? block.group(1) + Integer.parseInt(block.group(2)) % depth + block.group(3)
              : key);
    }

    @Override
    public void close() {}
  }
}
