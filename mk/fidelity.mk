# make fidelity [ONLY=name,pattern*] [BOOTSTRAP=1]: macros in the sandbox beside macros run natively.
fidelity: all
	@tests/fidelity/run $(if $(ONLY),--only '$(ONLY)') $(if $(BOOTSTRAP),--bootstrap)
