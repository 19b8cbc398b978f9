# The compiler to x86-64: its tests.
$(BUILD)/test/encode: $(BUILD)/obj/tests/compiler/encode.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^

TESTS += test-compiler
.PHONY: test-compiler
test-compiler: $(BUILD)/test/encode
	@timeout 60 tests/compiler/encode.sh $<
