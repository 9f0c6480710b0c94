package org.quantcache.codegen.cuda;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A compiler that makes nothing twice. */
final class CachedCompiler implements CudaCompiler {
  private final CudaCompiler compiler;
  private final CodeCache cache;
  private final AtomicInteger hits = new AtomicInteger();

  CachedCompiler(CudaCompiler compiler, CodeCache cache) {
    this.compiler = compiler;
    this.cache = cache;
  }

  /** How often code was there already. */
  int hits() {
    return hits.get();
  }

  @Override
  public String version() {
    return compiler.version();
  }

  @Override
  public String identity() {
    return compiler.identity();
  }

  @Override
  public boolean knowsWarpgroups() {
    return compiler.knowsWarpgroups();
  }

  @Override
  public Compiled cubin(String source, String architecture) {
    return remembered(architecture, source, () -> compiler.cubin(source, architecture));
  }

  @Override
  public byte[] ptx(String source) {
    return remembered(VIRTUAL, source, () -> new Compiled(compiler.ptx(source), List.of()))
        .code();
  }

  private Compiled remembered(String architecture, String source, Supplier<Compiled> made) {
    String key = key(identity(), architecture, source);
    Optional<Compiled> found = cache.find(key);
    if (found.isPresent()) {
      hits.incrementAndGet();
      return found.get();
    }
    Compiled compiled = made.get();
    cache.keep(key, compiled);
    return compiled;
  }

  /** Lengths keep the end of one text from being the start of the next. */
  private static String key(String... texts) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      hasher.putInt(bytes.length).putBytes(bytes);
    }
    return hasher.hash().toString();
  }
}
