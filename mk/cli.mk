# build/bin/glovebox. Linked from an archive, so that it holds only what its verbs use.
CLI_OBJS = $(filter-out $(BUILD)/obj/src/cli/main_%.o,$(call objs,$(CLI_FLOORS)))
CLI_LIBS := -lsodium -lcjson -lpthread -lm
BINS += $(BUILD)/bin/glovebox

$(BUILD)/libglovebox-cli.a: $(CLI_OBJS)
	@rm -f $@.new
	$(AR) rcs $@.new $^ && mv -f $@.new $@

$(BUILD)/bin/glovebox: $(BUILD)/obj/src/cli/main_glovebox.o $(BUILD)/libglovebox-cli.a $(BUILD)/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(CLI_LIBS)
