package org.quantcache.kernels.natives;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.Locale;
import java.util.Optional;

/**
 * One file of the folder that the native libraries are loaded from.
 *
 * @param name name in the folder; what other libraries ask for
 * @param resource where it comes from on the class path; empty when it is written as an empty library
 * @param executable whether it is a program
 */
public record NativeFile(String name, String resource, boolean executable) {
  /** Size of the resource, and a text that changes with its content. */
  record Stamp(long bytes, String text) {}

  /** The platform of this process, such as {@code linux-x86_64}. */
  public static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String name =
        system.startsWith("mac") ? "macosx" : system.startsWith("windows") ? "windows" : system;
    String arch = System.getProperty("os.arch", "");
    return name + "-" + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
  }

  /** Whether the class path has it, or it needs nothing of the class path. */
  public boolean isThere() {
    return resource.isEmpty() || NativeFile.class.getResource(resource) != null;
  }

  /** Size and identity of the resource. Empty when it is not on the class path. */
  Optional<Stamp> stamp() throws IOException {
    if (resource.isEmpty()) {
      return Optional.of(new Stamp(EmptyLibrary.bytes(name).length, name + ":empty"));
    }
    URL url = NativeFile.class.getResource(resource);
    if (url == null) {
      return Optional.empty();
    }
    URLConnection connection = url.openConnection();
    long bytes = connection.getContentLengthLong();
    String check = connection instanceof JarURLConnection jar
        ? Long.toHexString(jar.getJarEntry().getCrc())
        : Long.toHexString(connection.getLastModified());
    return Optional.of(new Stamp(bytes, name + ":" + bytes + ":" + check));
  }

  /** A file of the class path. */
  public static NativeFile library(String name, String resource) {
    return new NativeFile(name, resource, false);
  }

  /** A library without content, for one that is named as a dependency and never called. */
  public static NativeFile empty(String name) {
    return new NativeFile(name, "", false);
  }
}
