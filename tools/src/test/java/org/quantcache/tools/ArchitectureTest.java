package org.quantcache.tools;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use whom. */
class ArchitectureTest {
  private static final String ROOT = "org.quantcache.";
  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("org.quantcache");
  }

  /** A module and the packages of ours that it may use beside its own. */
  record Module(String name, String... mayUse) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Module> modules() {
    return Stream.of(
        new Module("ir"),
        new Module("importers", "ir"),
        new Module("kernels", "ir"),
        new Module("passes", "ir", "kernels"),
        new Module("codegen", "ir", "kernels", "passes.core"),
        new Module("tools", "ir", "importers", "kernels", "passes", "codegen"));
  }

  @ParameterizedTest
  @MethodSource("modules")
  void modulesUseOnlyWhatTheTableAllows(Module module) {
    List<String> allowed = new ArrayList<>(List.of(module.mayUse()));
    allowed.add(module.name());
    String[] inside = allowed.stream().map(name -> ROOT + name + "..").toArray(String[]::new);

    assertThat(classes.stream().filter(c -> c.getPackageName().startsWith(ROOT + module.name())))
        .isNotEmpty();
    noClasses()
        .that()
        .resideInAPackage(ROOT + module.name() + "..")
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + ".").and(not(resideInAnyPackage(inside))))
        .check(classes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ir", "importers", "kernels", "passes", "codegen", "tools"})
  void packagesOfAModuleFormNoCycle(String module) {
    slices().matching(ROOT + module + ".(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void onlyTheCpuDeviceTouchesNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "kernels.cpu..", ROOT + "codegen..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(classes);
  }

  @Test
  void onlyToolsKnowTheCommandLineLibraryAndOnnx() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "tools..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "ai.onnxruntime..", "javax.imageio..", "java.awt..")
        .check(classes);
  }

  @Test
  void nobodyUsesTheCommandLineFromBelow() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "tools.sample..", ROOT + "tools.pipeline..", ROOT + "tools.bench..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "tools.cli..")
        .check(classes);
  }
}
