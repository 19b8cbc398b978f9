# The policy of the workspace's manifest.
TESTS += test-policy
.PHONY: test-policy
test-policy: all
	@timeout 3600 tests/policy/run
