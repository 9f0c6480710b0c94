package org.quantcache.passes.instruments;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineDiffTest {
  @Test
  void equalTextsHaveNoDifference() {
    assertThat(LineDiff.between("a\nb\n", "a\nb\n")).isEmpty();
  }

  @Test
  void changedLineStandsInItsContext() {
    assertThat(LineDiff.between("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"))
        .isEqualTo("--- before\n+++ after\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  }

  @Test
  void farChangesGetHunksOfTheirOwn() {
    StringBuilder before = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      before.append(i).append('\n');
    }
    String after = before.toString().replace("\n5\n", "\n").replace("\n30\n", "\n30\nmore\n");

    assertThat(LineDiff.between(before.toString(), after)
            .lines()
            .filter(line -> line.startsWith("@@")))
        .containsExactly("@@ -3,7 +3,6 @@", "@@ -29,6 +28,7 @@");
  }

  @Test
  void differenceLeadsFromOneTextToTheOther() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<String> before = lines(random);
      List<String> after = edited(before, random);
      String diff = LineDiff.between(text(before), text(after));

      assertThat(applied(before, diff)).as("seed %d", seed).isEqualTo(after);
    }
  }

  private static List<String> lines(Random random) {
    List<String> out = new ArrayList<>();
    for (int i = 1 + random.nextInt(60); i > 0; i--) {
      out.add("line " + random.nextInt(40));
    }
    return out;
  }

  private static List<String> edited(List<String> before, Random random) {
    List<String> out = new ArrayList<>(before);
    for (int i = random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(out.size());
      if (random.nextBoolean() && out.size() > 1) {
        out.remove(at);
      } else {
        out.add(at, "line " + random.nextInt(40));
      }
    }
    return out;
  }

  private static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  private static List<String> applied(List<String> before, String diff) {
    List<String> out = new ArrayList<>();
    int at = 0;
    for (String line : diff.lines().skip(2).toList()) {
      if (line.startsWith("@@")) {
        int start = Integer.parseInt(line.substring(4, line.indexOf(',')));
        for (; at < start - 1; at++) {
          out.add(before.get(at));
        }
      } else if (line.startsWith("+")) {
        out.add(line.substring(1));
      } else {
        assertThat(line.substring(1)).isEqualTo(before.get(at));
        if (line.startsWith(" ")) {
          out.add(before.get(at));
        }
        at++;
      }
    }
    out.addAll(before.subList(at, before.size()));
    return out;
  }
}
