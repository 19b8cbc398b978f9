# make bench: every engine side by side; ratios in build/bench.json (bench/README.md).
BENCH := build/bench
KERNELS := $(BENCH)/kernels/wasm32-unknown-unknown/release/kernels.wasm
PEERS := $(BENCH)/peers/release/peers
BENCH_PYTHON := $(BENCH)/python/bin/python
BENCH_REPETITIONS ?= 7

# The kernels must load in every engine: no exceptions, no imports, so a core library of their own,
# built by the guest compiler from the same sources as the guest's std.
$(KERNELS): $(wildcard bench/kernels/src/*.rs) bench/kernels/Cargo.toml
	cd bench/kernels && RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(CURDIR)/$(BENCH)/kernels \
	  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22 /usr/bin/cargo build --release \
	  --target wasm32-unknown-unknown -Z build-std=core,alloc,compiler_builtins -Z build-std-features=compiler-builtins-mem
	@touch $@

$(PEERS): bench/peers/src/main.rs bench/peers/Cargo.toml
	cd bench/peers && CARGO_TARGET_DIR=$(CURDIR)/$(BENCH)/peers cargo build --release
	@touch $@

$(BENCH_PYTHON):
	@mkdir -p $(BENCH)
	python3 -m venv $(BENCH)/python
	$(BENCH)/python/bin/pip install --quiet pywasm3==0.5.0

# V8 beside the system's node, which is too old for the exceptions of the standard; and a large Rust program.
BENCH_NODE := $(BENCH)/node/node_modules/node/bin/node
LARGE := $(BENCH)/node/node_modules/lightningcss-wasm/lightningcss_node.wasm
$(BENCH_NODE) $(LARGE) &:
	@mkdir -p $(BENCH)/node
	npm install --silent --no-audit --no-fund --prefix $(BENCH)/node node@24.11.1 lightningcss-wasm@1.30.1
$(BENCH)/serde_derive.wasm: bench/artifact.sh | $(BUILD)/bin/cargo-glovebox $(BUILD)/bin/glovebox-worker
	bench/artifact.sh $(BUILD)/bin/cargo-glovebox $(BENCH)/artifact serde_derive 'serde = { version = "=1.0.228", features = ["derive"] }' $@

$(BENCH)/driver: bench/driver.c build/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ bench/driver.c build/libglovebox.a $(LDFLAGS) -lm -lpthread

.PHONY: bench-engines
bench: bench-engines
bench-engines: $(KERNELS) $(PEERS) $(BENCH_PYTHON) $(BENCH)/driver
	python3 bench/run.py --module $(KERNELS) --repetitions $(BENCH_REPETITIONS) --output build/bench.json \
	  --engine compiler "$(BENCH)/driver compiler" --engine interpreter "$(BENCH)/driver interpreter" \
	  --engine cranelift "$(PEERS) cranelift" --engine winch "$(PEERS) winch" --engine wasmi "$(PEERS) wasmi" \
	  --engine wasm3 "$(BENCH_PYTHON) bench/wasm3_driver.py" \
	  --engine liftoff "node --liftoff-only bench/v8.js" --engine v8 "node bench/v8.js" \
	  --ratio exec_vs_cranelift compiler cranelift --ratio exec_vs_winch compiler winch \
	  --ratio interp_vs_wasm3 interpreter wasm3 --ratio interp_vs_wasmi interpreter wasmi \
	  --ratio exec_vs_v8 compiler v8 --ratio exec_vs_liftoff compiler liftoff

.PHONY: bench-compile
bench: bench-compile
bench-compile: $(BENCH)/driver $(BENCH)/serde_derive.wasm $(BENCH_NODE) $(LARGE)
	python3 bench/compile.py --ours "$(BENCH)/driver compiler" --repetitions $(BENCH_REPETITIONS) --output build/bench.json \
	  --liftoff "$(BENCH_NODE) --v8-pool-size=0 --liftoff-only --no-wasm-lazy-compilation --wasm-num-compilation-tasks=0 --single-threaded --experimental-wasm-exnref bench/v8.js" \
	  --module $(BENCH)/serde_derive.wasm --module $(LARGE)

# The worker once more, from objects rather than the archive and without the libraries, so that the linker's map names their floors
# and nothing else.
$(BENCH)/worker.map: $(BUILD)/bin/glovebox-worker
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -Wl,--gc-sections $$(sed s/-static-pie// $(BUILD)/gen/static) -Wl,-Map=$@ -o $(BENCH)/worker $(call objs,worker $(LIB_FLOORS)) -lsodium -lcjson -lm
.PHONY: bench-size
bench: bench-size
bench-size: $(BENCH)/worker.map
	python3 bench/size.py --map $< --output build/bench.json

$(BENCH)/start: bench/worker.c build/libglovebox.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ bench/worker.c build/libglovebox.a $(LDFLAGS) -lsodium -lcjson -lm

# Where other work goes on, `make bench BENCH_PREFIX="nice -n -20"` gives each side its turn.
BENCH_PREFIX ?=
.PHONY: bench-macros bench-latency
bench: bench-macros bench-latency
bench-macros: all
	python3 bench/macros.py --prefix "$(BENCH_PREFIX)" --repetitions $(BENCH_REPETITIONS) --output build/bench.json
bench-latency: all $(BENCH)/start $(BENCH)/serde_derive.wasm
	python3 bench/latency.py --driver $(BENCH)/start --artifact $(BENCH)/serde_derive.wasm --prefix "$(BENCH_PREFIX)" \
	  --output build/bench.json
