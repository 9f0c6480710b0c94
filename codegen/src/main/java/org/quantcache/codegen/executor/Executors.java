package org.quantcache.codegen.executor;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.core.Function;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.core.Stage;
import org.quantcache.ir.diagnostics.UserError;

/**
 * The executors of a module, one for each function.
 *
 * @param sources Java source by simple class name
 * @param classes class files by simple class name
 * @param names class name by function
 */
public record Executors(
    Map<String, String> sources, Map<String, byte[]> classes, Map<String, String> names) {
  public Executors {
    sources = ImmutableMap.copyOf(sources);
    classes = ImmutableMap.copyOf(classes);
    names = ImmutableMap.copyOf(names);
  }

  /** Operations that there is a launch, a copy or a host routine for. */
  static Map<String, OpEmitter> emitters() {
    Map<String, OpEmitter> table = new LinkedHashMap<>();
    KernelEmitters.register(table);
    KeyEmitters.register(table);
    LatentEmitters.register(table);
    QuantEmitters.register(table);
    CopyEmitters.register(table);
    HostEmitters.register(table);
    CacheEmitters.register(table);
    PruneEmitters.register(table);
    return table;
  }

  /** Writes and compiles. @throws UserError CG0104, CG0105, CG02xx */
  public static Executors of(IrModule module, ExecutorTarget target) {
    return of(module, target, function -> Map.of());
  }

  /** The same, telling each operation that is done by its place in {@link #numbered}. @throws UserError CG0104, CG0105, CG02xx */
  public static Executors watched(IrModule module, ExecutorTarget target) {
    return of(module, target, function -> {
      Map<Operation, Integer> numbers = new IdentityHashMap<>();
      numbered(function).forEach(operation -> numbers.put(operation, numbers.size()));
      return numbers;
    });
  }

  /** The operations of a function in the order of their numbers, outer ones before inner ones. */
  public static List<Operation> numbered(Function function) {
    ImmutableList.Builder<Operation> out = ImmutableList.builder();
    function.body().walk(out::add);
    return out.build();
  }

  private static Executors of(
      IrModule module,
      ExecutorTarget target,
      java.util.function.Function<Function, Map<Operation, Integer>> watched) {
    if (!Stage.of(module).contains(Stage.PLANNED)) {
      throw UserError.of(
              "CG0207",
              "module @%s has no memory plan, its stages are %s",
              module.name(),
              Stage.of(module).stream().map(Stage::text).toList())
          .withHint("run lower,memory-plan");
    }
    Map<String, String> sources = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (Function function : module.functions()) {
      String name = ExecutorSource.className(function);
      if (sources.containsKey(name)) {
        throw UserError.of(
            "CG0208",
            "two functions would have the executor %s, one is @%s",
            name,
            function.name());
      }
      sources.put(
          name,
          new ExecutorSource(module, function, target, emitters(), watched.apply(function))
              .write());
      names.put(function.name(), ExecutorSource.PACKAGE + "." + name);
    }
    return new Executors(sources, JavaSources.compile(ExecutorSource.PACKAGE, sources), names);
  }
}
