package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.core.Operation;
import org.quantcache.ir.ops.StructureOps;
import org.quantcache.ir.types.QuantType;
import org.quantcache.ir.types.TensorType;

/**
 * Bits of each weight of the blocks: {@code {"blocks": [0, 1, ...], "rows": [{"name": "spatial attn.qkv", "cells": [[bits,
 * preparation] or null]}]}}.
 */
final class BitsPanel {
  private static final Pattern KEY =
      Pattern.compile("(\\w+)_blocks\\.([0-9]{1,6})\\.(.+)\\.weight");

  private BitsPanel() {}

  static ObjectNode of(IrModule program) {
    Map<String, Map<Integer, ArrayNode>> rows = new TreeMap<>();
    TreeSet<Integer> blocks = new TreeSet<>();
    for (Operation global : program.globals()) {
      Attributes definition = global.attributes();
      if (!global.is(StructureOps.WEIGHT_DEF)
          || definition.has("part")
          || definition.type("type").rank() != 2) {
        continue;
      }
      Matcher key = KEY.matcher(definition.string("key"));
      if (key.matches()) {
        int block = Integer.parseInt(key.group(2));
        blocks.add(block);
        rows.computeIfAbsent(key.group(1) + " " + key.group(3), name -> new TreeMap<>())
            .put(block, cell(definition));
      }
    }
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    blocks.forEach(out.putArray("blocks")::add);
    ArrayNode list = out.putArray("rows");
    rows.forEach((name, cells) -> {
      ArrayNode row = list.addObject().put("name", name).putArray("cells");
      blocks.forEach(block -> row.add(cells.get(block)));
    });
    return out;
  }

  private static ArrayNode cell(Attributes definition) {
    TensorType type = definition.type("type");
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    if (type.element() instanceof QuantType quantized) {
      return out.add(quantized.rangeBits())
          .add((definition.has("hadamard") ? "R" : "")
              + (definition.has("columns") ? "B" : "")
              + (definition.has("group") ? "G" + definition.integer("group") : ""));
    }
    return out.add(type.element().valueBits()).add("float");
  }
}
