# Checks that take more than `go test`. Everything a change has to pass is .ci/run.

.PHONY: test-vm

# The tests for kernels that allow BPF, in a virtual machine (internal/vm). Where that
# cannot be had they are skipped with the reason; with ALLROADS_REQUIRE_VM=1 they fail.
test-vm:
	ALLROADS_VM=1 go test -count=1 -v ./internal/vm
	ALLROADS_VM=1 go test -count=1 -v -run '^TestVM$$' ./internal/convert/matrix
