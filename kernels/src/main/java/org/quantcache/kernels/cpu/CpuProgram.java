package org.quantcache.kernels.cpu;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.ir.weights.SafeTensorsFile;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;
import org.quantcache.kernels.artifact.Manifest;
import org.quantcache.kernels.cache.DecisionMode;
import org.quantcache.kernels.runtime.LaunchProfile;
import org.quantcache.kernels.runtime.Program;
import org.quantcache.kernels.runtime.ProgramSignature;
import org.quantcache.kernels.runtime.StepObserver;
import org.quantcache.kernels.tensor.Tensor;

/** A function of a cpu artifact, loaded and ready. */
public final class CpuProgram implements Program {
  private final ProgramSignature signature;

  /** What closing gives back, the last one taken first: workers before the memory that they use. */
  private final Deque<Runnable> owned = new ArrayDeque<>();

  private final KernelLibrary library;
  private final WorkerPool pool;
  private final CpuWeights weights;
  private final NativeBuffer arena;
  private final Class<? extends CpuExecutor> executorClass;
  private CpuExecutor executor;
  private Map<String, Long> boundSizes = Map.of();
  private LaunchProfile profile = LaunchProfile.OFF;

  private CpuProgram(ArtifactReader artifact, Manifest.FunctionInfo function, int threads) {
    this.signature = ArtifactLayout.signature(artifact.manifest(), function);
    this.executorClass = loadExecutor(artifact, function.executorClass());
    try {
      this.library = own(loadKernels(artifact), KernelLibrary::close);
      ArtifactReader.Window window = artifact.window(ArtifactLayout.WEIGHTS);
      this.weights = own(
          new CpuWeights(SafeTensorsFile.open(window.file(), window.offset(), window.bytes())),
          CpuWeights::close);
      this.arena = own(new NativeBuffer(function.arenaBytes()), NativeBuffer::close);
      this.pool =
          own(new WorkerPool(threads, artifact.manifest().workspaceBytes()), WorkerPool::close);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private <T> T own(T resource, Consumer<T> closing) {
    owned.push(() -> closing.accept(resource));
    return resource;
  }

  /**
   * Loads a function.
   *
   * @param threads workers, the caller included
   * @throws UserError RT0421 when this machine lacks what the machine code needs, and what loading throws
   */
  public static CpuProgram load(ArtifactReader artifact, String function, int threads) {
    HostCpu.detect().require(artifact.manifest().cpu(), artifact.manifest().cpuFeatures());
    return new CpuProgram(
        artifact, ArtifactLayout.function(artifact.manifest(), function), threads);
  }

  /** Measures the time of every kernel from the next run on. */
  public void profileInto(LaunchProfile target) {
    profile = target;
  }

  /**
   * Computes with other elements in the place of a weight from the next run on; the artifact stays as it is. What one
   * rounded weight does to a program is found out this way without compiling it again.
   *
   * @param name of the weight in the artifact
   * @param elements as many bytes as the weight has, in its layout and element kind
   */
  public void replaceWeight(String name, ByteBuffer elements) {
    executor = null;
    weights.replace(name, elements);
  }

  /** Takes a replacement away. */
  public void restoreWeight(String name) {
    executor = null;
    weights.restore(name);
  }

  @Override
  public ProgramSignature signature() {
    return signature;
  }

  @Override
  public Map<String, Tensor> run(
      Map<String, Tensor> inputs, int steps, StepObserver observer, DecisionMode decisions) {
    Map<String, Long> sizes = signature.bind(
        name -> Optional.ofNullable(inputs.get(name))
            .map(t -> new ProgramSignature.Given(t.element(), t.sizes())),
        steps);
    if (executor == null || !sizes.equals(boundSizes)) {
      executor = bind(sizes);
      boundSizes = sizes;
    }
    executor.setProfile(profile);
    long[] parametersAt = executor.parametersAt();
    for (int i = 0; i < parametersAt.length; i++) {
      Tensor input = inputs.get(signature.parameters().get(i).name());
      arena
          .view(parametersAt[i], input.data().capacity())
          .put(input.data().duplicate().rewind());
    }
    executor.decideBy(decisions);
    executor.execute(observer);
    Map<String, Tensor> out = new LinkedHashMap<>();
    long[] resultsAt = executor.resultsAt();
    for (int i = 0; i < resultsAt.length; i++) {
      ProgramSignature.Parameter result = signature.results().get(i);
      Tensor tensor = Tensor.zeros(
          (ScalarType) result.type().element(),
          result.type().dims().stream().map(d -> d.evaluate(sizes::get)).toList());
      tensor.data().duplicate().put(arena.view(resultsAt[i], tensor.data().capacity()));
      out.put(result.name(), tensor);
    }
    return out;
  }

  private CpuExecutor bind(Map<String, Long> sizes) {
    try {
      CpuContext context = new CpuContext(library, pool, weights, arena, sizes);
      return executorClass.getConstructor(CpuContext.class).newInstance(context);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw UserError.of(
              "RT0422",
              "the executor %s cannot be bound: %s",
              executorClass.getName(),
              e.getCause())
          .causedBy(e);
    } catch (ReflectiveOperationException e) {
      throw UserError.of(
              "RT0422",
              "the executor %s cannot be made: %s",
              executorClass.getName(),
              e.getMessage())
          .causedBy(e);
    }
  }

  private static KernelLibrary loadKernels(ArtifactReader artifact) {
    try {
      Path file = Files.createTempFile("qcc-kernels", ".so");
      try {
        Files.write(file, artifact.bytes(ArtifactLayout.KERNELS));
        return KernelLibrary.load(file);
      } finally {
        // The loaded library stays mapped; its name is not needed any more.
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw UserError.of(
              "RT0423", "cannot unpack the kernels of %s: %s", artifact.path(), e.getMessage())
          .withHint("check the space and the rights of the temporary folder")
          .causedBy(e);
    }
  }

  private static Class<? extends CpuExecutor> loadExecutor(ArtifactReader artifact, String name) {
    try {
      return new ExecutorLoader(artifact).loadClass(name).asSubclass(CpuExecutor.class);
    } catch (ClassNotFoundException | ClassCastException | LinkageError e) {
      throw UserError.of(
              "RT0422",
              "the executor '%s' of %s cannot be loaded: %s",
              name,
              artifact.path(),
              e.getMessage())
          .withHint("compile the model again with this version")
          .causedBy(e);
    }
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().run();
    }
  }

  /** Defines the classes of an artifact; everything else comes from this program. */
  private static final class ExecutorLoader extends ClassLoader {
    private final ArtifactReader artifact;

    ExecutorLoader(ArtifactReader artifact) {
      super(CpuExecutor.class.getClassLoader());
      this.artifact = artifact;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String entry = ArtifactLayout.executorEntry(name, ".class");
      if (!artifact.has(entry)) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = artifact.bytes(entry);
      return defineClass(name, bytes, 0, bytes.length);
    }
  }
}
