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
