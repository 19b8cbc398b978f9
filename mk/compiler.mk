# The compiler to x86-64: its tests.
$(BUILD)/test/encode: $(BUILD)/obj/tests/compiler/encode.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

# The suite's runner, with ways to compile that nobody asks for in earnest.
$(BUILD)/test/spec-runner-options: $(BUILD)/obj/tests/engine/spec_runner.o $(BUILD)/obj/tests/engine/json.o \
    $(BUILD)/obj/tests/compiler/options.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcjson -lsodium -lm

TESTS += test-compiler
.PHONY: test-compiler
test-compiler: $(BUILD)/test/encode
	@timeout 60 tests/compiler/encode.sh $<

$(BUILD)/test/inspect: $(BUILD)/obj/tests/compiler/inspect.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcjson -lsodium -lm

$(BUILD)/test/diff: $(BUILD)/obj/tests/compiler/diff.o $(BUILD)/obj/tests/compiler/generate.o $(call objs,base engine)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lcjson -lsodium -lm
$(BUILD)/obj/tests/compiler/%.o: CPPFLAGS += -Itests/compiler
