package org.quantcache.codegen.cuda;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.kernels.cuda.KernelSources;

/**
 * A family of kernels: device code that a program holds once, and the text of one kernel with holes {@code ${name}}.
 *
 * @param code device code, what it includes left out
 * @param includes resources that the code needs before it, in order
 * @param instance text of one kernel
 */
record KernelTemplate(String code, Set<String> includes, String instance) {
  private static final String MARK = "//@instance\n";
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([a-z_./]+)\"\n");
  private static final Pattern HOLE = Pattern.compile("\\$\\{([A-Za-z_]+)}");

  /** The words that kernels are written in; whoever compiles a program puts them before it. */
  private static final String WORDS = "device.cuh";

  static KernelTemplate of(String family) {
    String text = KernelSources.text(family + ".cu");
    int mark = text.indexOf(MARK);
    if (mark < 0) {
      throw new IllegalStateException("no " + MARK.strip() + " in " + family + ".cu");
    }
    return new KernelTemplate(
        withoutIncludes(text.substring(0, mark)),
        includes(text),
        text.substring(mark + MARK.length()));
  }

  /** Code of a resource that others include. */
  static KernelTemplate included(String name) {
    String text = KernelSources.text(name);
    return new KernelTemplate(withoutIncludes(text), includes(text), "");
  }

  /** The text of a kernel. @throws IllegalStateException when holes and values differ */
  String fill(Map<String, String> values) {
    Set<String> holes = new TreeSet<>();
    HOLE.matcher(instance).results().map(hole -> hole.group(1)).forEach(holes::add);
    if (!holes.equals(new TreeSet<>(values.keySet()))) {
      throw new IllegalStateException(
          "a template has the holes " + holes + ", given were " + new TreeSet<>(values.keySet()));
    }
    return HOLE.matcher(instance)
        .replaceAll(hole -> Matcher.quoteReplacement(values.get(hole.group(1))));
  }

  private static Set<String> includes(String text) {
    Set<String> out = new LinkedHashSet<>();
    INCLUDE.matcher(text).results().map(found -> found.group(1)).forEach(out::add);
    out.remove(WORDS);
    return out;
  }

  private static String withoutIncludes(String text) {
    return INCLUDE.matcher(text).replaceAll("").replaceAll("(?m)^#pragma once\n", "");
  }
}
