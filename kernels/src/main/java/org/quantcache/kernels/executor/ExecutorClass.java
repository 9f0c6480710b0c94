package org.quantcache.kernels.executor;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/** The class of an emitted executor. */
final class ExecutorClass {
  private final Class<? extends CompiledExecutor> type;

  private ExecutorClass(Class<? extends CompiledExecutor> type) {
    this.type = type;
  }

  /** Loads it from an artifact. @throws UserError RT0422 */
  static ExecutorClass load(
      ArtifactReader artifact, String name, Class<? extends CompiledExecutor> base) {
    try {
      return new ExecutorClass(new Loader(artifact, base).loadClass(name).asSubclass(base));
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

  /** Defines the classes of an artifact; everything else comes from this program. */
  private static final class Loader extends ClassLoader {
    private final ArtifactReader artifact;

    Loader(ArtifactReader artifact, Class<?> base) {
      super(base.getClassLoader());
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
