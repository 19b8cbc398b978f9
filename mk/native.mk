# Macros that run as machine code behind the kernel's wall: src/macros/native.h, src/worker/calls.h.

# The worker again, linked dynamically and with what loads them (src/worker/native_load.h).
BINS += $(BUILD)/bin/glovebox-worker-native
$(BUILD)/bin/glovebox-worker-native: $(call objs,worker worker/native) $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--gc-sections '-Wl,--export-dynamic-symbol=__gbx_*' -o $@ $^ -lsodium -lm

$(BUILD)/test/native-elf: tests/native/elf.c src/macros/elf.c $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	    -o $@ tests/native/elf.c src/macros/elf.c $(BUILD)/libglovebox.a -lsodium -lcjson -lm

TESTS += test-native-elf test-native
.PHONY: test-native-elf test-native
$(BUILD)/test/native-elf.so:
	@mkdir -p $(@D)
	echo '__attribute__((section("glovebox.macros"), used)) const char record[5] = "here\n";' | $(CC) -shared -fPIC -x c -o $@ -
test-native-elf: $(BUILD)/test/native-elf $(BUILD)/test/native-elf.so
	@timeout 120 $< $(BUILD)/test/native-elf.so
test-native: all $(BUILD)/fault/without
	@timeout 3600 tests/native/run
