package org.quantcache.codegen.cuda;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The source of a program's kernels: each family's device code once, then the kernels in the order of their names. */
final class CudaSource {
  private final Set<String> included = new LinkedHashSet<>();
  private final StringBuilder code = new StringBuilder();

  private CudaSource() {}

  /**
   * The source, without the words of {@code device.cuh}.
   *
   * @param serves places of the model that a kernel serves, by its name
   */
  static String of(Collection<CudaKernel> kernels, Map<String, List<String>> serves) {
    CudaSource source = new CudaSource();
    Map<String, KernelTemplate> families = new TreeMap<>();
    Map<String, CudaKernel> byName = new TreeMap<>();
    for (CudaKernel kernel : kernels) {
      families.computeIfAbsent(kernel.family(), KernelTemplate::of);
      byName.put(kernel.name(), kernel);
    }
    families.forEach((name, template) -> {
      source.include(template.includes());
      source.code.append("\n// ").append(name).append(".cu\n").append(template.code());
    });
    byName.values().forEach(kernel -> {
      Map<String, String> holes = new LinkedHashMap<>(kernel.holes());
      holes.put("name", kernel.name());
      source.code.append('\n');
      serves
          .getOrDefault(kernel.name(), List.of())
          .forEach(place -> source.code.append("// ").append(place).append('\n'));
      source.code.append(families.get(kernel.family()).fill(holes));
      source.code.append("QC_REGISTER(").append(kernel.name()).append(")\n");
    });
    return source.code.toString();
  }

  private void include(Set<String> names) {
    for (String name : names) {
      if (included.add(name)) {
        KernelTemplate template = KernelTemplate.included(name);
        include(template.includes());
        code.append("\n// ").append(name).append('\n').append(template.code());
      }
    }
  }
}
