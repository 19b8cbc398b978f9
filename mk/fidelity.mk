# make fidelity [ONLY=name,pattern*] [BOOTSTRAP=1]: macros in the sandbox beside macros run natively.
fidelity: all
	@tests/fidelity/run $(if $(ONLY),--only '$(ONLY)') $(if $(BOOTSTRAP),--bootstrap)

# A sample of it: a derive, an attribute, a function-like macro, what must fail to compile, and our own macros
# that try every corner of the API.
FIDELITY_SAMPLE := local-*,made,many,tokens,thiserror-2,async-trait,paste
TESTS += test-fidelity
.PHONY: test-fidelity
test-fidelity: all
	@timeout 900 tests/fidelity/run --test --only '$(FIDELITY_SAMPLE)'
