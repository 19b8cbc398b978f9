# The compiler to x86-64: its tests, and tools to look at what it does.
COMPILER_TEST_LIBS := -lcjson -lsodium -lm -lpthread
$(BUILD)/obj/tests/compiler/%.o: CPPFLAGS += -Itests/compiler

$(BUILD)/test/encode: $(BUILD)/obj/tests/compiler/encode.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

# The suite's runner, with ways to compile that nobody asks for in earnest (GB_X64_SET, GB_X64_WITHOUT).
$(BUILD)/test/spec-runner-options: $(BUILD)/obj/tests/engine/spec_runner.o $(BUILD)/obj/tests/engine/json.o \
    $(BUILD)/obj/tests/compiler/options.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(COMPILER_TEST_LIBS)

$(BUILD)/test/inspect: $(BUILD)/obj/tests/compiler/inspect.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(COMPILER_TEST_LIBS)

$(BUILD)/test/diff: $(BUILD)/obj/tests/compiler/diff.o $(BUILD)/obj/tests/compiler/generate.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(COMPILER_TEST_LIBS)

$(BUILD)/test/runtime: $(BUILD)/obj/tests/compiler/runtime.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lseccomp $(COMPILER_TEST_LIBS)
$(BUILD)/test/runtime.wasm: tests/compiler/runtime.wat
	@mkdir -p $(@D)
	wat2wasm -o $@ $<
$(BUILD)/test/invalid.wasm: tests/compiler/invalid.wat
	@mkdir -p $(@D)
	wat2wasm --no-check -o $@ $<

$(BUILD)/test/pressure.wasm $(BUILD)/test/copies.wasm: $(BUILD)/test/%.wasm: tests/compiler/%.wat
	@mkdir -p $(@D)
	wat2wasm -o $@ $<

$(BUILD)/test/keep: $(BUILD)/obj/tests/compiler/keep.o $(BUILD)/obj/tests/compiler/generate.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lseccomp $(COMPILER_TEST_LIBS)

ifeq ($(X64),3)
TESTS += test-compiler
endif
DIFF_SEEDS := 300
.PHONY: test-compiler
test-compiler: $(BUILD)/test/encode $(BUILD)/test/runtime $(BUILD)/test/runtime.wasm $(BUILD)/test/invalid.wasm \
    $(BUILD)/test/diff $(BUILD)/test/pressure.wasm $(BUILD)/test/copies.wasm $(BUILD)/test/keep $(BUILD)/test/engine-unit $(BUILD)/test/spec-runner-options $(ENGINE_SUITE)/done
	@timeout 60 tests/compiler/encode.sh $(BUILD)/test/encode
	@timeout 120 $(BUILD)/test/runtime $(BUILD)/test/runtime.wasm $(BUILD)/test/invalid.wasm
	@timeout 120 $(BUILD)/test/keep
	@timeout 60 $(BUILD)/test/diff $(BUILD)/test/pressure.wasm $(BUILD)/test/copies.wasm
	@timeout 300 $(BUILD)/test/diff -s 1 -n $(DIFF_SEEDS)
	@timeout 120 $(BUILD)/test/engine-unit --engine=compiler
	@timeout 900 tests/compiler/suite.sh $(BUILD)/test/spec-runner-options $(ENGINE_SUITE)

# Many random modules through the interpreter, the compiler and V8 (tests/compiler/differential.py).
.PHONY: differential
differential: $(BUILD)/test/diff
	tests/compiler/differential.py --diff $(BUILD)/test/diff --first $(or $(SEED),1) --own $(or $(OWN),10000) --binaryen $(or $(BINARYEN),5000)
