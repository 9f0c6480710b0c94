package org.quantcache.tools.sample;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.quantcache.ir.diagnostics.NearestName;
import org.quantcache.ir.diagnostics.UserError;
import org.quantcache.kernels.tensor.Tensor;

/**
 * Stands in for a text encoder: a prompt is one word for each slot, each word a row of an embedding.
 *
 * @param slots in the order of the text tokens
 * @param rows row of the embedding by word
 * @param ignoredWords words that mean nothing here
 * @param embedding one row for each word
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TextTable(
    List<Slot> slots,
    Map<String, Integer> rows,

    @com.fasterxml.jackson.annotation.JsonProperty("ignored_words")
    List<String> ignoredWords,

    List<List<Float>> embedding) {
  /** One part of a prompt. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Slot(
      String name,
      List<String> words,

      @com.fasterxml.jackson.annotation.JsonProperty("default")
      String standard) {}

  /** The same table with its embedding. */
  public TextTable withEmbedding(List<List<Float>> values) {
    return new TextTable(slots, rows, ignoredWords, values);
  }

  /** Whether every slot has a default, and every word a row of an embedding of {@code rowCount} rows. */
  boolean isWhole(long rowCount) {
    return slots != null
        && !slots.isEmpty()
        && rows != null
        && ignoredWords != null
        && rows.values().stream().allMatch(row -> row != null && row >= 0 && row < rowCount)
        && slots.stream()
            .allMatch(slot -> slot != null
                && slot.name() != null
                && slot.words() != null
                && slot.words().contains(slot.standard())
                && rows.keySet().containsAll(slot.words()));
  }

  /** {@code y [b, 1, slots, channels]} of prompts. @throws UserError CL0301, CL0302 */
  public Tensor encode(List<String> prompts) {
    int channels = embedding.get(0).size();
    Tensor out = Tensor.zeros(
        org.quantcache.ir.types.ScalarType.F32,
        List.of((long) prompts.size(), 1L, (long) slots.size(), (long) channels));
    int at = 0;
    for (String prompt : prompts) {
      for (String word : words(prompt)) {
        for (float value : embedding.get(rows.get(word))) {
          out.set(at++, value);
        }
      }
    }
    return out;
  }

  /** The prompt of this number: words take turns, in each slot at another pace. */
  public String prompt(int number) {
    List<String> out = new ArrayList<>();
    for (int slot = 0; slot < slots.size(); slot++) {
      List<String> words = slots.get(slot).words();
      out.add(words.get((number * (slot + 1) + number / words.size()) % words.size()));
    }
    return String.join(" ", out);
  }

  /** The word of each slot: those of the prompt, defaults elsewhere. */
  List<String> words(String prompt) {
    Map<String, String> chosen = new LinkedHashMap<>();
    for (String word : prompt.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      if (word.isEmpty() || ignoredWords.contains(word)) {
        continue;
      }
      Slot slot = slots.stream()
          .filter(s -> s.words().contains(word))
          .findFirst()
          .orElseThrow(() -> unknown(word));
      String before = chosen.putIfAbsent(slot.name(), word);
      if (before != null && !before.equals(word)) {
        throw UserError.of(
                "CL0302",
                "the prompt names two words of kind %s: '%s' and '%s'",
                slot.name(),
                before,
                word)
            .withHint("keep one of them");
      }
    }
    List<String> out = new ArrayList<>();
    slots.forEach(slot -> out.add(chosen.getOrDefault(slot.name(), slot.standard())));
    return out;
  }

  private UserError unknown(String word) {
    StringBuilder known = new StringBuilder();
    slots.forEach(slot -> known
        .append(known.isEmpty() ? "" : "; ")
        .append(slot.name())
        .append(": ")
        .append(String.join(", ", slot.words())));
    String near = NearestName.of(word, rows.keySet())
        .map(n -> "did you mean '" + n + "'? ")
        .orElse("");
    return UserError.of("CL0301", "the model does not know the word '%s'", word)
        .withHint("%s", near + "known words: " + known);
  }
}
