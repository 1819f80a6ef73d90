package matrix

import (
	"testing"

	"allroads/internal/vm"
)

// TestVM: the cells of BPF, on a kernel that allows it, and what is untouched on one that has
// SCTP. Python is not in the guest.
func TestVM(t *testing.T) {
	const kinds = "^(dynamic_C|static_C|Go_net|Go_calls|Go_386|shell|threads|goroutines|set-uid)$"
	vm.Run(t, vm.Job{
		Package: "allroads/internal/convert/matrix",
		Run:     "^TestMatrix$/^bpf$/^cells$/" + kinds + "|^TestUntouched$",
		Want:    []string{"TestUntouched"},
		Programs: []string{
			"allroads/cmd/allroads", "allroads/cmd/allroadsd",
			"allroads/internal/convert/matrix/testdata/goprogram", "386:allroads/internal/convert/matrix/testdata/goprogram",
		},
		Commands: []string{program(t, "dynamic"), program(t, "static"), "sh", "setpriv", "id"},
		Modules:  []string{"veth", "mptcp_diag", "tcp_diag", "sctp"},
		Env:      []string{"ALLROADS_MATRIX_PROGRAMS=/bin"},
	})
}
