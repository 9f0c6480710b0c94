package org.quantcache.tools.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantcache.codegen.artifact.BuildProgress;
import org.quantcache.tools.calibrate.OneBlockSprites;
import org.quantcache.tools.pipeline.CompileTarget;

/** The check of whole programs, on the emulation of a driver and a part of the sample model. */
class ModelCheckTest {
  @TempDir
  private Path folder;

  @Test
  void everyBuildAgreesWithTheReferenceDevice() throws IOException {
    Path model = OneBlockSprites.write(folder.resolve("model"));
    CheckFiles files = CheckFiles.in(folder);
    List<CheckResult> results = new ArrayList<>();
    for (ModelCheck.Build build : ModelCheck.BUILDS) {
      files.writeModel(model, build, CompileTarget.parse("cuda:emulated"), BuildProgress.NONE);
      files.checkModel(model, build, results::add);
    }

    assertThat(results).hasSameSizeAs(ModelCheck.BUILDS);
    assertThat(results).filteredOn(result -> !result.passed()).isEmpty();
  }
}
