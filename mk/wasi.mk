# WASI and the policy: unit tests without an engine, with the sanitizers always on.
WASI_UNIT_SOURCES := $(wildcard tests/wasi/*.c) $(call srcs,policy wasi) \
    $(addprefix src/base/,buffer.c error.c file.c strings.c)
$(BUILD)/test/wasi-unit: $(WASI_UNIT_SOURCES) $(wildcard tests/wasi/*.h src/wasi/*.h src/policy/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(WASI_UNIT_SOURCES) -lsodium -lcjson -lpthread -lutil

TESTS += test-wasi
.PHONY: test-wasi
test-wasi: $(BUILD)/test/wasi-unit
	@timeout 300 $<

# The fuzz target; its corpus is replayed by `make test-wasi`.
WASI_FUZZ_SOURCES := tests/fuzz/wasi_calls.c $(filter-out tests/wasi/%,$(WASI_UNIT_SOURCES))
$(BUILD)/fuzz/wasi_calls: $(WASI_FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -o $@ $^
.PHONY: fuzz-wasi
fuzz-wasi: $(BUILD)/fuzz/wasi_calls
	@mkdir -p $(BUILD)/fuzz/corpus-wasi
	$< -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=2048 $(BUILD)/fuzz/corpus-wasi tests/fuzz/corpus-wasi
fuzz: fuzz-wasi
