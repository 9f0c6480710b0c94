package org.quantcache.tools.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.artifact.ArtifactLayout;
import org.quantcache.kernels.artifact.ArtifactReader;

/** The report that a compilation left in its artifact: work before, between and after the passes. */
public final class ArtifactReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ArtifactReport() {}

  /** {@code report.json}. @throws UserError RT0205 when it is no JSON */
  public static JsonNode of(ArtifactReader artifact) {
    try {
      return JSON.readTree(
          new String(artifact.bytes(ArtifactLayout.REPORT), StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw UserError.of("RT0205", "%s of %s is no JSON", ArtifactLayout.REPORT, artifact.path())
          .causedBy(e);
    }
  }
}
