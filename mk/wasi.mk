# WASI and the policy: unit tests without an engine, with the sanitizers always on.
WASI_UNIT_SOURCES := $(wildcard tests/wasi/*.c) $(call srcs,policy wasi) \
    $(addprefix src/base/,buffer.c error.c file.c json.c strings.c utf8.c)
$(BUILD)/test/wasi-unit: $(WASI_UNIT_SOURCES) $(wildcard tests/wasi/*.h src/wasi/*.h src/policy/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(WASI_UNIT_SOURCES) -lsodium -lcjson -lpthread -lutil

WASI_FUZZ_SOURCES := tests/fuzz/wasi_calls.c $(call srcs,policy wasi) \
    $(addprefix src/base/,buffer.c error.c file.c json.c strings.c utf8.c)
# The corpus of the fuzz target, replayed.
$(BUILD)/test/wasi-replay: tests/fuzz/wasi_calls.c tests/tokens/replay.c $(call srcs,policy wasi) \
    $(wildcard src/wasi/*.h src/policy/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ tests/tokens/replay.c $(WASI_FUZZ_SOURCES) -lcjson -lpthread

# Programs on the real engine.
$(BUILD)/test/as_macro: $(BUILD)/obj/tests/wasi/run/as_macro.o $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lpthread -lm

TESTS += test-wasi-unit test-wasi-guests
.PHONY: test-wasi test-wasi-unit test-wasi-guests
test-wasi: test-wasi-unit test-wasi-guests
test-wasi-unit: $(BUILD)/test/wasi-unit $(BUILD)/test/wasi-replay
	@timeout 300 $(BUILD)/test/wasi-replay tests/fuzz/corpus-wasi/*
	@timeout 300 $(BUILD)/test/wasi-unit
test-wasi-guests: $(BUILD)/bin/glovebox $(BUILD)/test/as_macro
	@timeout 600 tests/wasi/guests.sh $^ $(BUILD)/test/wasi-guests

# The fuzz target; its corpus is replayed by `make test-wasi`.
$(BUILD)/fuzz/wasi_calls: $(WASI_FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lcjson
.PHONY: fuzz-wasi
fuzz-wasi: $(BUILD)/fuzz/wasi_calls
	@mkdir -p $(BUILD)/fuzz/corpus-wasi
	$< -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=2048 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus-wasi tests/fuzz/corpus-wasi
fuzz: fuzz-wasi
