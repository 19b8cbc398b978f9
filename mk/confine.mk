# The worker's system-call filter: compiled by libseccomp at build time, applied by src/worker/confine.c.
$(BUILD)/gen/worker_filter.inc: tools/make_filter.c
	@mkdir -p $(@D)
	$(CC) -std=c17 $(WARN) -o $(BUILD)/gen/make_filter $< -lseccomp
	$(BUILD)/gen/make_filter > $@.tmp
	@mv $@.tmp $@

$(BUILD)/obj/src/worker/confine.o: $(BUILD)/gen/worker_filter.inc
$(BUILD)/obj/src/worker/confine.o: override CPPFLAGS += -I$(BUILD)/gen
