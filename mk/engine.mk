# The engine's tests. `make test-engine` runs its unit tests and the official suite, plainly, under the sanitizers and in its
# forced slow paths, and replays the fuzz corpora. mk/ports.mk runs the suite on other processors.
ENGINE_OBJS := $(call objs,base engine)
ENGINE_LIBS := -lcjson -lsodium -lpthread -lm
$(BUILD)/obj/tests/engine/%.o $(BUILD)/obj/tests/fuzz/%.o: CPPFLAGS += -Itests/engine

$(BUILD)/spec-runner: $(addprefix $(BUILD)/obj/tests/engine/,spec_runner.o json.o) $(ENGINE_OBJS)
	$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)
BINS += $(BUILD)/spec-runner

# Allocations are made to fail one by one, hence --wrap.
$(BUILD)/test/engine-unit: $(addprefix $(BUILD)/obj/tests/engine/,unit.o builder.o) $(ENGINE_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc -o $@ $^ $(ENGINE_LIBS)

$(BUILD)/test/image: $(BUILD)/obj/tests/engine/image.o $(ENGINE_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)
$(BUILD)/test/image.wasm: tests/engine/image.wat
	@mkdir -p $(@D)
	wat2wasm -o $@ $<

# ---- the official suite: beside the project, or as a package ------------------------------------------------
ENGINE_SUITE_SOURCE := $(wildcard ../shared/spec-tests)
ENGINE_CONVERT := build/tools/convert/release/convert

$(ENGINE_CONVERT): tests/engine/convert/src/main.rs tests/engine/convert/Cargo.lock
	cargo build --quiet --release --locked --manifest-path tests/engine/convert/Cargo.toml --target-dir build/tools/convert

# wabt's wast2json writes the core files as WebAssembly 2.0 and nothing beyond it; standard exceptions need the newer converter.
$(ENGINE_SUITE)/done: $(ENGINE_CONVERT)
	@rm -rf $(@D) && mkdir -p $(@D)/core $(@D)/exceptions
ifneq ($(ENGINE_SUITE_SOURCE),)
	@for f in $(ENGINE_SUITE_SOURCE)/core/*.wast; do \
	    wast2json "$$f" -o $(@D)/core/$$(basename "$$f" .wast).json || exit 1; done
	@$(ENGINE_CONVERT) $(@D)/exceptions \
	    $(foreach t,tag throw throw_ref try_table,$(ENGINE_SUITE_SOURCE)/core-3.0/$(t).wast)
else
	@$(ENGINE_CONVERT) $(@D)/core
	@for t in tag throw throw_ref try_table; do mv $(@D)/core/$$t.* $(@D)/exceptions/; done
endif
	@touch $@

# ---- fuzzing --------------------------------------------------------------------------------------------------
$(BUILD)/test/engine-replay-%: $(BUILD)/obj/tests/fuzz/engine_%.o $(BUILD)/obj/tests/tokens/replay.o $(ENGINE_OBJS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)

# Compiled once for all targets. The interpreter's handlers, half of the engine's code, would take longer than all the rest.
FUZZ_CFLAGS := -std=c17 -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
$(BUILD)/fuzz/obj/src/engine/interp.o: FUZZ_CFLAGS := $(FUZZ_CFLAGS) -O0
$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -Itests/engine -I$(BUILD)/gen $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<
ENGINE_FUZZ_OBJS := $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(addprefix src/base/,buffer.c build_id.c error.c sort.c utf8.c) $(call srcs,engine))
$(BUILD)/fuzz/obj/src/base/build_id.o: $(BUILD)/gen/build_id.inc
$(BUILD)/fuzz/engine_%: $(BUILD)/fuzz/obj/tests/fuzz/engine_%.o $(ENGINE_FUZZ_OBJS)
	clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lm
-include $(shell find $(BUILD)/fuzz/obj -name '*.d' 2>/dev/null)

.PHONY: fuzz-engine
fuzz-engine: $(BUILD)/fuzz/engine_decode $(BUILD)/fuzz/engine_run
	@for t in decode run; do mkdir -p $(BUILD)/fuzz/corpus-engine-$$t; \
	    $(BUILD)/fuzz/engine_$$t -max_total_time=$(or $(FUZZ_SECONDS),60) -max_len=4096 -timeout=10 \
	        -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus-engine-$$t tests/fuzz/corpus-engine || exit 1; done
fuzz: fuzz-engine

# ---- the tests --------------------------------------------------------------------------------------------------
ENGINE_SLOW := BUILD=build/slow CPPFLAGS="-Isrc -Iinclude -D_GNU_SOURCE -DGB_NEAR_SLOTS=6 -DGB_INTERP_LOOP"
TESTS += test-engine
.PHONY: test-engine
test-engine: $(BUILD)/spec-runner $(BUILD)/test/engine-unit $(BUILD)/test/image $(BUILD)/test/image.wasm $(ENGINE_SUITE)/done
	@$(MAKE) --no-print-directory SAN=1 build/san/spec-runner build/san/test/engine-unit build/san/test/image \
	    build/san/test/engine-replay-decode build/san/test/engine-replay-run
	@$(MAKE) --no-print-directory $(ENGINE_SLOW) build/slow/spec-runner build/slow/test/engine-unit
	@tests/engine/run.sh build $(ENGINE_SUITE)
