package org.quantcache.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and malformed model folders, texts and options are one coded error and leave the output as it was. */
class BadInputTest {
  private static final String ANY_IMPORT_ERROR = "IM0[1-3]\\d\\d";
  private static final String FIRST = "x_embedder.proj.weight";

  @TempDir
  private Path parent;

  private HostileModel model() {
    return HostileModel.in(parent);
  }

  /** Compiles for the reference device with more options and expects an error. */
  private CommandRun refuse(HostileModel model, String code, String... options) {
    OldFile old = OldFile.in(parent, "model.qca");
    List<String> command = new ArrayList<>(List.of("compile", model.folder().toString()));
    command.addAll(List.of("--target", "reference", "--latent", "2,4,4", "-o", old.toString()));
    command.addAll(List.of(options));
    CommandRun run = CommandRun.of(command).assertRefused(code);
    old.assertIntact();
    return run;
  }

  private static ObjectNode tensor(ObjectNode header, String key) {
    return (ObjectNode) header.get(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 200, 5000, 395303})
  void truncatedWeightsAreRefused(int length) {
    HostileModel model = model();
    model.truncate(length);

    refuse(model, ANY_IMPORT_ERROR);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {Long.MAX_VALUE, -1, Long.MIN_VALUE, 0, 1, 100_000_000, 100_000_001, 1L << 32, 395297
      })
  void headerLengthsThatTheFileCannotHaveAreRefused(long length) {
    HostileModel model = model();
    model.headerLength(length);

    refuse(model, ANY_IMPORT_ERROR);
  }

  @ParameterizedTest
  @MethodSource("bitsOfTheHeaderLength")
  void everyFlippedBitOfTheHeaderLengthIsRefused(int bit) {
    HostileModel model = model();
    model.flip(bit);

    refuse(model, ANY_IMPORT_ERROR);
  }

  static IntStream bitsOfTheHeaderLength() {
    return IntStream.range(0, 64);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void flippedBitsInTheEntriesOfTheHeaderAreRefused(int seed) {
    HostileModel model = model();
    // Metadata before the first required tensor is free text, and spaces behind the text may be any
    // white space.
    String header = new String(
        HostileModel.read(model.weights()), 8, model.headerBytes(), StandardCharsets.ISO_8859_1);
    int first = header.indexOf(FIRST);
    int last = header.lastIndexOf('}');
    model.flip(8L * (8 + first) + new Random(seed).nextInt(8 * (last - first)));

    refuse(model, ANY_IMPORT_ERROR);
  }

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  /** A change of the header and the code of its error. */
  record HeaderCase(String name, String code, Consumer<ObjectNode> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<HeaderCase> headers() {
    return Stream.of(
        new HeaderCase("missing tensor", "IM0111", h -> h.remove(FIRST)),
        new HeaderCase("renamed tensor", "IM0302", h -> h.set("x_embedder.w", h.remove(FIRST))),
        new HeaderCase(
            "overlapping tensors",
            "IM0110",
            h -> tensor(h, FIRST).putArray("data_offsets").add(0).add(2048)),
        new HeaderCase(
            "offsets backwards",
            "IM0108",
            h -> tensor(h, FIRST).putArray("data_offsets").add(2080).add(32)),
        new HeaderCase(
            "offsets behind the end",
            "IM0108",
            h -> tensor(h, FIRST)
                .putArray("data_offsets")
                .add(Long.MAX_VALUE - 2048)
                .add(Long.MAX_VALUE)),
        new HeaderCase(
            "three offsets",
            "IM0108",
            h -> tensor(h, FIRST).putArray("data_offsets").add(32).add(2080).add(2080)),
        new HeaderCase(
            "negative offset",
            "IM0104",
            h -> tensor(h, FIRST).putArray("data_offsets").add(-32).add(2016)),
        new HeaderCase(
            "wrong shape of the same size",
            "IM0302",
            h -> tensor(h, FIRST).putArray("shape").add(4).add(32).add(1).add(2).add(2)),
        new HeaderCase(
            "wrong rank", "IM0302", h -> tensor(h, FIRST).putArray("shape").add(512)),
        new HeaderCase(
            "shape of another size",
            "IM0109",
            h -> tensor(h, FIRST).putArray("shape").add(33).add(4).add(1).add(2).add(2)),
        new HeaderCase(
            "shape that overflows",
            "IM0107",
            h -> tensor(h, FIRST).putArray("shape").add(1L << 40).add(1L << 40)),
        new HeaderCase("unknown kind", "IM0106", h -> tensor(h, FIRST).put("dtype", "F33")),
        new HeaderCase("whole numbers", "IM03\\d\\d", h -> tensor(h, FIRST).put("dtype", "I32")),
        new HeaderCase("kind that is null", "IM0104", h -> tensor(h, FIRST).putNull("dtype")),
        new HeaderCase("no kind", "IM0104", h -> tensor(h, FIRST).remove("dtype")),
        new HeaderCase("entry that is a list", "IM0104", h -> h.putArray(FIRST)),
        new HeaderCase("no entries", ANY_IMPORT_ERROR, ObjectNode::removeAll));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void headersThatDoNotFitAreRefused(HeaderCase given) {
    HostileModel model = model();
    model.header(given.change());

    refuse(model, given.code());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void weightsThatAreNoFiniteNumbersAreRefused(float value) {
    HostileModel model = model();
    model.bytes(all -> {
      ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putFloat(all.length - 400, value);
      return all;
    });

    refuse(model, "CG0302");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlp_ratio | NaN | IM0202",
        "mlp_ratio | Infinity | IM0202",
        "mlp_ratio | -Infinity | IM0202",
        "mlp_ratio | 1e999 | IM0204",
        "mlp_ratio | -4.0 | IM0204",
        "mlp_ratio | 0 | IM0204",
        "depth | NaN | IM0202",
        "depth | 0 | IM0204",
        "depth | 2.5 | IM0204",
        "depth | 99999999999999999999 | IM0204",
        "depth | \"3\" | IM0204",
        "depth | null | IM0204",
        "depth | 3 | IM0302",
        "hidden_size | 33 | IM0204",
        "hidden_size | 2147483647 | IM0204",
        "num_heads | 0 | IM0204",
        "patch_size | [1, 2] | IM0204",
        "patch_size | {} | IM0204",
        "patch_size | 2 | IM0204",
        "qk_norm | 1 | IM0204",
        "model_type | [] | IM0203",
        "model_type | \"PixArt\" | IM0203"
      })
  void configurationsOutOfBoundsAreRefused(String key, String value, String code) {
    HostileModel model = model();
    model.config(key, value);

    refuse(model, code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[]",
        "null",
        "7",
        "{\"depth\": 2,}",
        "{\"depth\": 2} {}",
        "{\"depth\": 2, \"depth\": 2}",
        "depth: 2",
        "\u0000"
      })
  void malformedConfigurationsAreRefused(String text) {
    HostileModel model = model();
    model.text("config.json", text);

    refuse(model, "IM0202");
  }

  @Test
  void configurationOfTooManyBracketsIsRefused() {
    HostileModel model = model();
    model.text("config.json", "{\"depth\":" + "[".repeat(100_000));

    refuse(model, "IM0202");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sampler.json | { | IM0601",
        "sampler.json | [] | IM0601",
        "sampler.json | {\"cfg_scale\": NaN} | IM0601",
        "sampler.json | {\"num_sampling_steps\": 0} | IM0602",
        "sampler.json | {\"num_sampling_steps\": \"30\"} | IM0602",
        "sampler.json | {\"scheduler\": \"ddim\"} | IM0602",
        "video.json | { | CL0303",
        "video.json | [] | CL0303",
        "video.json | {} | CL0303",
        "video.json | {\"latent\": 7} | CL0303",
        "video.json | {\"latent\": [4, 2, 4]} | CL0303",
        "text.json | { | CL0303",
        "text.json | {} | IM0101",
        "text.json | null | CL0303"
      })
  void malformedSettingsBesideTheCheckpointAreRefused(String file, String text, String code) {
    HostileModel model = model();
    model.text(file, text);

    refuse(model, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--passes | fold,no-such-pass | PA01\\d\\d",
        "--passes | foldd | PA01\\d\\d",
        "--passes | fold{no-such-option=1} | PA01\\d\\d",
        "--passes | fold{ | PA01\\d\\d",
        "--passes | fold, | PA01\\d\\d",
        "--passes | ,fold | PA01\\d\\d",
        "--passes | fold}} | PA01\\d\\d",
        "--passes | lower{panel-width=x} | PA01\\d\\d",
        "--passes | lower{panel-width=-1} | PA01\\d\\d",
        "--passes | @no-such-preset | PA0106",
        "--preset | no-such-preset | PA0106",
        "--batch | 0 | CL0102",
        "--batch | -1 | CL0102",
        "--latent | 2,4 | CL0103",
        "--latent | 2,4,4,4 | CL0103",
        "--latent | 0,4,4 | IM0\\d\\d\\d",
        "--latent | 2,-4,4 | IM0\\d\\d\\d",
        "--latent | 2147483647,4,4 | IM0\\d\\d\\d",
        "--latent | 65536,65536,65536 | IM0\\d\\d\\d"
      })
  void optionsOutOfBoundsAreRefused(String option, String value, String code) {
    OldFile old = OldFile.in(parent, "model.qca");
    List<String> command = new ArrayList<>(List.of("compile", model().folder().toString()));
    command.addAll(List.of("--target", "reference", "-o", old.toString(), option, value));
    if (!option.equals("--latent")) {
      command.addAll(List.of("--latent", "2,4,4"));
    }

    CommandRun.of(command).assertRefused(code);

    old.assertIntact();
  }

  @Test
  void unknownPassNamesTheNearestOne() {
    assertThat(refuse(model(), "PA01\\d\\d", "--passes", "foldd").err()).contains("'fold'");
  }

  @Test
  void presetAndPassesExcludeEachOther() {
    refuse(model(), "CL0106", "--preset", "none", "--passes", "fold");
  }

  @Test
  void modelWithoutSizesOfItsOwnAsksForThem() {
    OldFile old = OldFile.in(parent, "model.qca");

    CommandRun run = CommandRun.of("compile", model().folder().toString(), "-o", old.toString())
        .assertRefused("CL0104");

    assertThat(run.err()).contains("hint: ", "--width");
    old.assertIntact();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "module",
        "module @m",
        "module @m {",
        "}",
        "func @f() {}",
        "module @m { func @f( }",
        "module @m {\n  %0 = no.such.op\n}",
        "module @m { func @f(%x: f32[99999999999999999999]) }",
        "\u0000\u0001",
        "\"",
        "%"
      })
  void malformedTextIsRefused(String text) {
    Path file = parent.resolve("bad.qir");
    HostileModel.write(file, text.getBytes(StandardCharsets.UTF_8));
    OldFile old = OldFile.in(parent, "out.qir");

    CommandRun.of("opt", file.toString(), "-o", old.toString()).assertRefused("IR\\d{4}");
    CommandRun.of("inspect", file.toString()).assertRefused("IR\\d{4}");

    old.assertIntact();
  }

  @Test
  void textThatIsNoUtf8IsRefused() {
    Path file = HostileModel.write(parent.resolve("bad.qir"), new byte[] {'m', (byte) 0xff, 'o'});

    CommandRun.of("opt", file.toString()).assertRefused("CL0107");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "null", "{}", "{\"module\": 7}", "{\"name\": null}"})
  void malformedJsonModulesAreRefused(String text) {
    Path file = parent.resolve("bad.json");
    HostileModel.write(file, text.getBytes(StandardCharsets.UTF_8));

    CommandRun.of("opt", file.toString()).assertRefused("IR\\d{4}");
  }
}
