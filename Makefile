# Glovebox. The front door: `make demo`, `make test`. See README.md.
#
#   make            everything in C: build/bin/{glovebox,cargo-glovebox,glovebox-worker,glovebox-worker-native}, build/libglovebox.a
#   make CC=clang   with another compiler;  make SAN=1 builds into build/san with ASan and UBSan
SHELL := /bin/bash
PREFIX ?= /usr/local
SAN ?=
comma := ,
BUILD := build$(if $(SAN),/san)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=implicit-function-declaration
CFLAGS ?= -O2 -g
CPPFLAGS += -Isrc -Iinclude -D_GNU_SOURCE
# The worker is to be small: what the profile of real macros never shows is compiled for size, the rest without
# copies of functions (mk/worker.mk). Nothing here unwinds.
SMALLER := -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
    $(if $(filter -O2,$(CFLAGS)),-falign-functions=1 -fno-inline-functions -fno-tree-vectorize)
ALL_CFLAGS := -std=c17 $(WARN) $(CFLAGS) $(SMALLER) -fPIC -fvisibility=hidden -MMD -MP \
    $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
LDFLAGS += $(if $(SAN),-fsanitize=address$(comma)undefined)

# A floor is a folder under src; floors may use only those before them (docs/architecture.md).
LIB_FLOORS := base engine policy wasi tokens macros store
CLI_FLOORS := manifest source compile record cargo cli
# The engine's compiler is for 64-bit x86 Linux; elsewhere its folder is left out (x64/x64.h).
X64 := $(shell $(CC) $(CFLAGS) -dM -E -x c /dev/null 2>/dev/null | grep -cwE '__x86_64__|__LP64__|__linux__')
srcs = $(foreach f,$(1),$(wildcard src/$(f)/*.c $(if $(filter 3,$(X64)),src/$(f)/x64/*.c)))
objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(call srcs,$(1)))

.PHONY: all demo test bench fidelity attack install clean fuzz
all: $(BUILD)/libglovebox.a

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libglovebox.a: $(call objs,$(LIB_FLOORS))
	@rm -f $@.tmp
	$(AR) rcs $@.tmp $^
	@mv $@.tmp $@

# Each part keeps its own rules: mk/PART.mk adds to BINS (built by `make`) and TESTS (run by `make test`).
BINS :=
TESTS :=
# The official suite as JSON and wasm: made by mk/engine.mk, used by several parts.
ENGINE_SUITE := build/suite
include $(sort $(wildcard mk/*.mk))
all: $(BINS)
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf build
