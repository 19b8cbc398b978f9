# Between compiler and guest: messages (src/tokens), the macro host (src/macros), the worker, the shim.
CLANG ?= clang

# ---- the build's name: made from all sources that shim and worker are made of ------------------
BUILD_ID_SOURCES := $(sort $(wildcard src/*/*.[ch] src/*/*/*.[ch] include/*.h shim/*.rs wire/*.rs))
$(BUILD)/gen/build_id.inc: $(BUILD_ID_SOURCES)
	@mkdir -p $(@D)
	@printf '#define GB_BUILD_ID "%s"\n' "$$(cat $^ | sha256sum | cut -c1-32)" >$@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi
$(BUILD)/obj/src/base/build_id.o: $(BUILD)/gen/build_id.inc
$(BUILD)/obj/src/base/build_id.o: override CPPFLAGS += -I$(BUILD)/gen

# ---- the worker ---------------------------------------------------------------------------------
BINS += $(BUILD)/bin/glovebox-worker
$(BUILD)/bin/glovebox-worker: $(call objs,worker) $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--gc-sections $$(cat $(BUILD)/gen/static) -o $@ $^ -lsodium -lm
$(BUILD)/bin/glovebox-worker: | $(BUILD)/gen/static

# Without a dynamic linker, which takes a third of a worker's start, and looks for libraries wherever the compiler's environment tells
# it to. Relocations in a tenth of the room. Each where linker and loader know it (glibc 2.36, binutils 2.38).
STATIC_TRIES := $(if $(SAN),,"-static-pie -Wl$(comma)-z$(comma)pack-relative-relocs" -static-pie) -Wl,-z,pack-relative-relocs
$(BUILD)/gen/static:
	@mkdir -p $(@D)
	@printf '#include <math.h>\n#include <sodium.h>\nint main(int n, char **v) { (void)v; return sodium_init() < 0 || floor(n) < 0; }\n' >$@.c
	@for flags in $(STATIC_TRIES) ""; do \
	    $(CC) $(LDFLAGS) -fPIC $$flags -o $@.try $@.c -lsodium -lm 2>/dev/null && $@.try 2>/dev/null && break; done; echo "$$flags" >$@

# For speed: what runs or is compiled for every expansion. All else in the worker is for size.
FAST := $(addprefix $(BUILD)/obj/src/,$(addsuffix .o,engine/decode engine/bulk engine/memory engine/validate engine/reader engine/skip \
    $(addprefix engine/x64/x64_,call compile control integer memory scan values) tokens/check tokens/review))
ifneq ($(filter -O2,$(CFLAGS)),)
$(filter-out $(FAST),$(call objs,$(LIB_FLOORS) worker)): override ALL_CFLAGS += -Os
endif

# ---- tests of the message format -------------------------------------------------------------
TEST_CPPFLAGS := -I.
$(BUILD)/obj/tests/%.o: CPPFLAGS += $(TEST_CPPFLAGS)

$(BUILD)/test/tokens: $(BUILD)/obj/tests/tokens/tokens.o $(call objs,base tokens)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm
$(BUILD)/test/replay-message: $(BUILD)/obj/tests/tokens/fuzz_message.o $(BUILD)/obj/tests/tokens/replay.o $(call objs,base tokens)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm

TESTS += test-tokens
.PHONY: test-tokens fuzz-message
test-tokens: $(BUILD)/test/tokens $(BUILD)/test/replay-message
	@timeout 300 $(BUILD)/test/replay-message tests/tokens/corpus/*
	@timeout 300 $(BUILD)/test/tokens

# ---- tests of the shim with a worker that misbehaves ---------------------------------------------
$(BUILD)/test/fake-worker: $(BUILD)/obj/tests/worker/fake_worker.o $(BUILD)/obj/src/worker/channel.o $(call objs,base tokens)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm

# ---- tests of the worker with macros written by hand ----------------------------------------------
GUEST_CC ?= clang
$(BUILD)/test/macros.wasm: tests/worker/guests/macros.c
	@mkdir -p $(@D)
	$(GUEST_CC) --target=wasm32 -O1 -nostdlib -ffreestanding -Wall -mbulk-memory -Wl,--no-entry -Wl,-z,stack-size=1048576 -o $@ $<
$(BUILD)/test/read-stats: $(BUILD)/obj/tests/worker/read_stats.o $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm

# ---- tests of the embedding API -----------------------------------------------------------------
$(BUILD)/test/embed: $(BUILD)/obj/tests/worker/embed.o $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lcjson -lm -lpthread
$(BUILD)/test/embed-cxx: tests/worker/embed.cc $(BUILD)/libglovebox.a include/glovebox.h
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) -std=c++11 $(WARN_CXX) $(LDFLAGS) -o $@ $(filter-out %.h,$^) -lsodium -lcjson -lm
WARN_CXX := -Wall -Wextra -Wpedantic -Wshadow -Wconversion

# ---- what `make test` runs ------------------------------------------------------------------------
# Compilers at hand to load the shim with; the worker is tried with the first.
SHIM_COMPILERS ?= $(RUST_HOST) $(filter-out $(shell command -v $(RUST_HOST)),$(wildcard /usr/bin/rustc))
TESTS += test-embed test-shim test-worker
.PHONY: test-embed test-shim test-shim-units test-worker
test-embed: $(BUILD)/test/embed $(BUILD)/test/embed-cxx $(BUILD)/test/macros.wasm
	@timeout 300 $(BUILD)/test/embed-cxx
	@timeout 300 $(BUILD)/test/embed $(BUILD)/test/macros.wasm
$(BUILD)/test/shim-units: $(wildcard shim/*.rs wire/*.rs)
	@mkdir -p $(@D)
	$(RUST_HOST) --edition 2021 --test -o $@ shim/lib.rs
test-shim: $(BUILD)/test/fake-worker $(BUILD)/test/shim-units
	@timeout 120 $(BUILD)/test/shim-units --quiet >$(BUILD)/test/shim-units.log 2>&1 || { cat $(BUILD)/test/shim-units.log; exit 1; }
	@timeout 1800 bash tests/worker/shim.sh $(BUILD) $(SHIM_COMPILERS)
test-worker: $(BUILD)/bin/glovebox-worker $(BUILD)/test/macros.wasm $(BUILD)/test/read-stats
	@timeout 900 bash tests/worker/worker.sh $(BUILD) $(RUST_HOST)

# The same under ASan and UBSan.
ifeq ($(SAN),)
TESTS += test-worker-san
.PHONY: test-worker-san
test-worker-san:
	@$(MAKE) --no-print-directory SAN=1 test-tokens test-embed test-worker
endif

# A fuzzer is one link of everything below it, built by clang with its own instrumentation.
TOKENS_SOURCES = $(call srcs,base tokens)
$(BUILD)/fuzz/message: tests/tokens/fuzz_message.c $(TOKENS_SOURCES) | $(BUILD)/gen/build_id.inc
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -I$(BUILD)/gen -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -o $@ $^ -lsodium -lcjson -lm
FUZZ_SECONDS ?= 60
fuzz-message: $(BUILD)/fuzz/message
	@mkdir -p $(BUILD)/fuzz/corpus-message
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 $(BUILD)/fuzz/corpus-message tests/tokens/corpus
fuzz: fuzz-message
