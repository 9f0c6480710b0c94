package org.quantcache.codegen.executor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.quantcache.ir.diagnostics.UserError;

/** Compiles generated sources in this process, for Java 17. */
final class JavaSources {
  private JavaSources() {}

  /**
   * Compiles sources of one package.
   *
   * @return class files by simple class name
   * @throws UserError CG0104 when this Java has no compiler, CG0105 when a source is not accepted
   */
  static Map<String, byte[]> compile(String packageName, Map<String, String> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw UserError.of("CG0104", "this Java has no compiler")
          .withHint("run with a JDK, not a JRE");
    }
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(packageName + "." + name, text)));
    Memory memory;
    try (StandardJavaFileManager standard =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
      memory = new Memory(standard);
      List<String> options =
          List.of("--release", "17", "-proc:none", "-g:source,lines", "-classpath", classPath());
      if (!compiler.getTask(null, memory, diagnostics, options, null, units).call()) {
        throw UserError.of(
            "CG0105", "the generated executor is not accepted: %s", first(diagnostics));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, byte[]> out = new LinkedHashMap<>();
    memory.classes.forEach(
        (name, bytes) -> out.put(name.substring(packageName.length() + 1), bytes.toByteArray()));
    return out;
  }

  private static String first(DiagnosticCollector<JavaFileObject> diagnostics) {
    return diagnostics.getDiagnostics().stream()
        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
        .map(d ->
            d.getSource().getName() + ":" + d.getLineNumber() + ": " + d.getMessage(Locale.ROOT))
        .findFirst()
        .orElse("no message");
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();

    Memory(JavaFileManager parent) {
      super(parent);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      classes.put(className, bytes);
      return new SimpleJavaFileObject(
          URI.create("bytes:///" + className.replace('.', '/') + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          return bytes;
        }
      };
    }
  }
}
