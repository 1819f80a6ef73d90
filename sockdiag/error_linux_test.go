package sockdiag

import (
	"errors"
	"strings"
	"testing"

	"allroads/internal/inetdiag"

	"golang.org/x/sys/unix"
)

const unusedProtocol = 254 // for experiments, RFC 3692

// TestMissingInKernel asks this kernel for a protocol that it has no handler for,
// and takes that for the answer about MPTCP of a kernel without.
func TestMissingInKernel(t *testing.T) {
	s, err := open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, protocol := range []uint32{unusedProtocol, 300} {
		err = s.dumpOnce(t.Context(), inetdiag.Request{Family: unix.AF_INET, Protocol: protocol}, nil)
		if !errors.Is(err, unix.ENOENT) {
			t.Fatalf("protocol %d: %v, want ENOENT", protocol, err)
		}
	}
	for protocol, option := range map[uint32]string{protocolMPTCP: "CONFIG_INET_MPTCP_DIAG", protocolTCP: "CONFIG_INET_TCP_DIAG"} {
		got := explain(protocol, err)
		if !errors.Is(got, ErrNotSupported) || !errors.Is(got, unix.ENOENT) || !strings.Contains(got.Error(), option) {
			t.Errorf("%v, want ErrNotSupported and %s", got, option)
		}
	}
	if got := explain(protocolMPTCP, unix.EPERM); errors.Is(got, ErrNotSupported) || !errors.Is(got, unix.EPERM) {
		t.Errorf("not permitted: %v", got)
	}
	if got := explainOpen(unix.EPROTONOSUPPORT); !errors.Is(got, ErrNotSupported) || !strings.Contains(got.Error(), "CONFIG_INET_DIAG") {
		t.Errorf("no such socket: %v", got)
	}
}

// TestLookupWhereThereIsNone: nothing found is not an error where MPTCP sockets can
// be listed, and one where they cannot.
func TestLookupWhereThereIsNone(t *testing.T) {
	s, err := open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, err := range s.connections(t.Context(), Filter{Token: new(uint32(0))}) {
		t.Errorf("token 0: %v", err)
	}
	if !s.probed {
		t.Error("the kernel was not asked whether it can")
	}
}
