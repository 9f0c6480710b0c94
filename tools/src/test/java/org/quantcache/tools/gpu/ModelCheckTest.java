package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.tools.calibrate.OneBlockSprites;
import org.quantcache.tools.pipeline.CompileTarget;

/** The check of whole programs, on the emulation of a driver and a part of the sample model. */
class ModelCheckTest {
  @TempDir
  private Path folder;

  private List<CheckResult> run(Path model, List<ModelCheck.Build> builds) {
    CheckFiles files = CheckFiles.in(folder);
    List<CheckResult> results = new ArrayList<>();
    for (ModelCheck.Build build : builds) {
      files.writeModel(model, build, CompileTarget.parse("cuda:emulated"), BuildProgress.NONE);
      files.checkModel(model, build, results::add);
    }
    assertThat(results).hasSameSizeAs(builds);
    return results;
  }

  @Test
  void buildsOfAPartAgreeWithTheReferenceDevice() throws IOException {
    ModelCheck.Build lossless = ModelCheck.BUILDS.get(0);
    ModelCheck.Build guarded = new ModelCheck.Build("guarded", "@none,aigq,hlc", lossless.bound());

    assertThat(run(OneBlockSprites.write(folder.resolve("model")), List.of(lossless, guarded)))
        .filteredOn(result -> !result.passed())
        .isEmpty();
  }

  @Test
  void whatIsTooFarAwayIsFound() throws IOException {
    ModelCheck.Build narrow = new ModelCheck.Build("narrow", "@none", 1e-6);

    assertThat(run(OneBlockSprites.write(folder.resolve("model")), List.of(narrow)))
        .filteredOn(CheckResult::passed)
        .isEmpty();
  }

  @Test
  @Tag("slow")
  void everyBuildOfTheWholeModelAgrees() {
    assertThat(run(Path.of("samples/sprites"), ModelCheck.BUILDS))
        .filteredOn(result -> !result.passed())
        .isEmpty();
  }
}
