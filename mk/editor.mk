# make test-editor: rust-analyzer's macro server loads what `cargo glovebox check` built.
.PHONY: test-editor
test-editor: all
	@tests/editor/run
