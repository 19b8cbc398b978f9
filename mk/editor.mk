# rust-analyzer's macro server loads what `cargo glovebox check` built. The server comes with rustup's compilers; where there is
# none, as with Debian's packages alone, the test says so and nothing is tried.
TESTS += test-editor
.PHONY: test-editor
test-editor: all
	@timeout 3600 tests/editor/run
