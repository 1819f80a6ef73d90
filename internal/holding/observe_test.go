package holding

import (
	"os/exec"
	"slices"
	"testing"
	"unsafe"
)

func pointer[T any](of *T) unsafe.Pointer { return unsafe.Pointer(of) }

// TestObserve finds what was set, and nothing else.
func TestObserve(t *testing.T) {
	p := holds(t, inside(t), "options mptcp new-mptcp to-tcp")
	h := of(t, p.pid)
	if h.Sockets[0].Options != nil {
		t.Errorf("not looked at: %v", h.Sockets[0].Options)
	}
	if err := h.Observe(); err != nil {
		t.Fatal(err)
	}
	want := map[int][]string{p.fds["options"][0]: {"TCP_USER_TIMEOUT", "IP_RECVTOS"}, p.fds["options"][1]: {"SO_ZEROCOPY"}}
	for _, s := range h.Sockets {
		if s.Options == nil || !slices.Equal(s.Options, want[s.Descriptors[0]]) && len(s.Options)+len(want[s.Descriptors[0]]) > 0 {
			t.Errorf("descriptor %d: %v, want %v", s.Descriptors[0], s.Options, want[s.Descriptors[0]])
		}
	}
}

// TestTree has a process with a child and a grandchild.
func TestTree(t *testing.T) {
	command := exec.Command("sh", "-c", `exec 3<&0; sh -c 'sh -c "echo begun; read x" <&3; true' & wait`)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); _ = command.Wait() }()
	if _, err := out.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	tree, err := Tree(command.Process.Pid)
	if err != nil || len(tree) != 3 || tree[0] != command.Process.Pid {
		t.Fatalf("%v, %v", tree, err)
	}
	for i, pid := range tree[1:] {
		if parent, ok := parentOf(pid); !ok || parent != tree[i] {
			t.Errorf("%d is a child of %d: %v", pid, parent, tree)
		}
	}
}
