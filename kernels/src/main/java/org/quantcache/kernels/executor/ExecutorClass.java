package org.quantcache.kernels.executor;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/** The class of an emitted executor. */
final class ExecutorClass {
  private final Class<? extends CompiledExecutor> type;

  private ExecutorClass(Class<? extends CompiledExecutor> type) {
    this.type = type;
  }

  /**
   * Loads it.
   *
   * @param classes class files by simple name that stand in for those of the artifact
   * @throws UserError RT0422
   */
  static ExecutorClass load(
      ArtifactReader artifact,
      Optional<Map<String, byte[]>> classes,
      String name,
      Class<? extends CompiledExecutor> base) {
    Function<String, Optional<byte[]>> source = classes
        .<Function<String, Optional<byte[]>>>map(
            given -> simple -> Optional.ofNullable(given.get(simple)))
        .orElse(simple -> stored(artifact, simple));
    try {
      return new ExecutorClass(new Loader(source, base).loadClass(name).asSubclass(base));
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

  private static Optional<byte[]> stored(ArtifactReader artifact, String simpleName) {
    String entry = ArtifactLayout.executorEntry(simpleName, ".class");
    return artifact.has(entry) ? Optional.of(artifact.bytes(entry)) : Optional.empty();
  }

  /** Makes an executor, which binds its launches. @throws UserError RT0422, and what binding throws */
  CompiledExecutor create(Object context) {
    try {
      Constructor<? extends CompiledExecutor> constructor = type.getConstructor(context.getClass());
      return constructor.newInstance(context);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw unusable("bound", String.valueOf(e.getCause()), e);
    } catch (ReflectiveOperationException e) {
      throw unusable("made", e.getMessage(), e);
    }
  }

  private UserError unusable(String how, String why, Throwable cause) {
    return UserError.of("RT0422", "the executor %s cannot be %s: %s", type.getName(), how, why)
        .causedBy(cause);
  }

  /** Defines the given classes; everything else comes from this program. */
  private static final class Loader extends ClassLoader {
    private final Function<String, Optional<byte[]>> classes;

    Loader(Function<String, Optional<byte[]>> classes, Class<?> base) {
      super(base.getClassLoader());
      this.classes = classes;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] bytes = classes
          .apply(name.substring(name.lastIndexOf('.') + 1))
          .orElseThrow(() -> new ClassNotFoundException(name));
      return defineClass(name, bytes, 0, bytes.length);
    }
  }
}
