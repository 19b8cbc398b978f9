# The engine's tests. `make test-engine` runs the official suite, the regression corpora and the sanitizer builds.
ENGINE_OBJS := $(call objs,base engine)

$(BUILD)/spec-runner: $(BUILD)/obj/tests/engine/spec_runner.o $(BUILD)/obj/tests/engine/json.o $(ENGINE_OBJS)
	$(CC) $(LDFLAGS) -o $@ $^ $(ENGINE_LIBS)
ENGINE_LIBS := -lcjson -lsodium -lm
BINS += $(BUILD)/spec-runner
