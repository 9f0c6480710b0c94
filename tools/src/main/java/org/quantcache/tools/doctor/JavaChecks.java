package org.quantcache.tools.doctor;

import java.util.List;
import javax.tools.ToolProvider;

/** The Java that runs this program. */
final class JavaChecks {
  private static final long LEAST_HEAP = 512L << 20;
  private static final int OLDEST = 17;

  private JavaChecks() {}

  static List<Finding> all() {
    return List.of(java(), compiler(), heap());
  }

  private static Finding java() {
    String found = System.getProperty("java.vm.name") + " " + Runtime.version();
    return Runtime.version().feature() >= OLDEST
        ? Finding.good("java", "everything", found)
        : Finding.missing("java", "everything", found, "install JDK 17 or newer")
            .asRequired();
  }

  private static Finding compiler() {
    String use = "compile, for the cpu and cuda devices";
    return ToolProvider.getSystemJavaCompiler() != null
        ? Finding.good("java compiler", use, "in process")
        : Finding.missing("java compiler", use, "none", "run with a JDK, not a JRE")
            .asRequired();
  }

  private static Finding heap() {
    long most = Runtime.getRuntime().maxMemory();
    String found = (most >> 20) + " MiB at most";
    return most >= LEAST_HEAP
        ? Finding.good("heap", "large models: 2 GiB for XL/2", found)
        : Finding.missing("heap", "everything", found, "give Java more: QCC_JAVA_OPTS=-Xmx2g");
  }
}
