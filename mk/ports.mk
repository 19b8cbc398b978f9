# Other processors, by cross compilers and emulators of one process: 64-bit big-endian and 32-bit little-endian. The official
# suite with the interpreter, and the promises and fuzz corpus of messages. Some 100 s of one core, half of it compiling.
PORTS := s390x i386
PORT_CC_s390x := s390x-linux-gnu-gcc
PORT_RUN_s390x := qemu-s390x
PORT_CC_i386 := i686-linux-gnu-gcc -msse2 -mfpmath=sse
PORT_RUN_i386 := qemu-i386

PORT_BASE := $(addprefix src/base/,buffer.c error.c file.c sort.c strings.c utf8.c)
PORT_SUITE := tests/engine/spec_runner.c tests/engine/json.c $(PORT_BASE) $(wildcard src/engine/*.c)
PORT_TOKENS := tests/tokens/tokens.c $(PORT_BASE) $(wildcard src/tokens/*.c)
PORT_REPLAY := tests/tokens/fuzz_message.c tests/tokens/replay.c $(PORT_BASE) $(wildcard src/tokens/*.c)

define PORT_RULES
$(BUILD)/obj/ports/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(PORT_CC_$(1)) -Isrc -I. -Itests/engine -D_GNU_SOURCE -std=c17 $$(WARN) -O1 -MMD -MP -c -o $$@ $$<
$(BUILD)/ports/$(1)/suite: $$(PORT_SUITE:%.c=$(BUILD)/obj/ports/$(1)/%.o)
$(BUILD)/ports/$(1)/tokens: $$(PORT_TOKENS:%.c=$(BUILD)/obj/ports/$(1)/%.o)
$(BUILD)/ports/$(1)/replay: $$(PORT_REPLAY:%.c=$(BUILD)/obj/ports/$(1)/%.o)
$(BUILD)/ports/$(1)/suite $(BUILD)/ports/$(1)/tokens $(BUILD)/ports/$(1)/replay:
	@mkdir -p $$(@D)
	$$(PORT_CC_$(1)) -static -o $$@ $$^ -lm -lpthread
endef
$(foreach port,$(PORTS),$(eval $(call PORT_RULES,$(port))))

TESTS += test-ports
.PHONY: test-ports
test-ports: $(foreach port,$(PORTS),$(addprefix $(BUILD)/ports/$(port)/,suite tokens replay)) $(ENGINE_SUITE)/done
	@tests/engine/ports.sh $(BUILD)/ports $(ENGINE_SUITE) $(foreach port,$(PORTS),$(port):$(PORT_RUN_$(port)))
