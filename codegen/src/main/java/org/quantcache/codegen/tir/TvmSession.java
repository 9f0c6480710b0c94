package org.quantcache.codegen.tir;

import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncCall;
import static org.bytedeco.tvm.global.tvm_runtime.TVMFuncGetGlobal;
import static org.bytedeco.tvm.global.tvm_runtime.TVMModFree;
import static org.bytedeco.tvm.global.tvm_runtime.TVMObjectFree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.tvm.TVMFunctionHandle;
import org.bytedeco.tvm.TVMModuleHandle;
import org.bytedeco.tvm.TVMObjectHandle;
import org.bytedeco.tvm.TVMValue;
import org.quantcache.kernels.cpu.TvmCalls;
import org.quantcache.kernels.cpu.natives.NativeMode;
import org.quantcache.kernels.cpu.natives.TvmNatives;

/**
 * Calls of TVM's packed functions from one thread. Objects that they return belong to the session and are freed with
 * it.
 */
public final class TvmSession implements AutoCloseable {
  private static final int MAX_ARGUMENTS = 65_536;
  private static final int NULL = 4;
  private static final int OBJECT = 8;
  private static final int MODULE = 9;
  private static final int FUNCTION = 10;
  private static final int STRING = 11;
  private static final int BOOL = 15;

  /** An object or module of TVM. */
  public record Handle(long address, int code) {}

  private final Map<String, TVMFunctionHandle> functions = new LinkedHashMap<>();
  private final List<Handle> owned = new ArrayList<>();
  private final TVMValue values;
  private final IntPointer codes;
  private final TVMValue result;
  private final IntPointer resultCode;

  public TvmSession() {
    // The binding's classes must not be touched before the libraries are there.
    TvmNatives.load(NativeMode.COMPILER);
    values = new TVMValue(MAX_ARGUMENTS);
    codes = new IntPointer(MAX_ARGUMENTS);
    result = new TVMValue(1);
    resultCode = new IntPointer(1);
  }

  /** Calls a global function that returns an object or module. */
  public Handle object(String function, Object... arguments) {
    return (Handle) call(function, arguments);
  }

  /** Calls a global function that returns text. */
  public String text(String function, Object... arguments) {
    Object found = call(function, arguments);
    return (String) (found instanceof Handle ? call("runtime.GetFFIString", found) : found);
  }

  /**
   * Calls a global function. Arguments: null, {@link Handle}, whole numbers, Boolean, Double, String.
   *
   * @return a {@link Handle}, Long, Double, String, Boolean or null
   */
  public Object call(String function, Object... arguments) {
    TVMFunctionHandle target = functions.computeIfAbsent(function, TvmSession::lookUp);
    List<BytePointer> strings = new ArrayList<>();
    try {
      for (int i = 0; i < arguments.length; i++) {
        put(i, arguments[i], strings);
      }
      values.position(0);
      result.v_int64(0);
      TvmCalls.check(TVMFuncCall(target, values, codes, arguments.length, result, resultCode));
      return take();
    } finally {
      strings.forEach(BytePointer::close);
    }
  }

  private static TVMFunctionHandle lookUp(String name) {
    TVMFunctionHandle out = new TVMFunctionHandle();
    TvmCalls.check(TVMFuncGetGlobal(name, out));
    if (out.isNull()) {
      throw new IllegalStateException("TVM has no function " + name);
    }
    return out;
  }

  private void put(int index, Object argument, List<BytePointer> strings) {
    long value;
    int code;
    if (argument == null) {
      value = 0;
      code = NULL;
    } else if (argument instanceof Handle handle) {
      value = handle.address();
      code = handle.code();
    } else if (argument instanceof Double real) {
      value = Double.doubleToRawLongBits(real);
      code = TvmCalls.FLOAT;
    } else if (argument instanceof Boolean truth) {
      value = truth ? 1 : 0;
      code = TvmCalls.INT;
    } else if (argument instanceof String text) {
      BytePointer bytes = new BytePointer(text);
      strings.add(bytes);
      value = bytes.address();
      code = STRING;
    } else if (argument instanceof Number number) {
      value = number.longValue();
      code = TvmCalls.INT;
    } else {
      throw new IllegalArgumentException("cannot pass " + argument.getClass());
    }
    values.position(index).v_int64(value);
    codes.put(index, code);
  }

  private Object take() {
    long value = result.v_int64();
    int code = resultCode.get(0);
    return switch (code) {
      case TvmCalls.INT -> value;
      case BOOL -> value != 0;
      case TvmCalls.FLOAT -> Double.longBitsToDouble(value);
      case NULL -> null;
      case STRING -> new TextAt(value).getString();
      case OBJECT, MODULE -> {
        Handle handle = new Handle(value, code);
        owned.add(handle);
        yield handle;
      }
      default -> throw new IllegalStateException("TVM returned a value of kind " + code);
    };
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      Handle handle = owned.get(i);
      if (handle.code() == MODULE) {
        TvmCalls.check(TVMModFree(new ModuleRef(handle.address())));
      } else if (handle.code() != FUNCTION) {
        TvmCalls.check(TVMObjectFree(new ObjectRef(handle.address())));
      }
    }
    owned.clear();
    values.close();
    codes.close();
    result.close();
    resultCode.close();
  }

  private static final class TextAt extends BytePointer {
    TextAt(long address) {
      super((org.bytedeco.javacpp.Pointer) null);
      this.address = address;
    }
  }

  private static final class ObjectRef extends TVMObjectHandle {
    ObjectRef(long address) {
      this.address = address;
    }
  }

  private static final class ModuleRef extends TVMModuleHandle {
    ModuleRef(long address) {
      this.address = address;
    }
  }
}
