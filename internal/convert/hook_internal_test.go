package convert

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/hook/cgroup"
	"allroads/internal/vm"
)

// TestRefusal: that a host refuses BPF is remembered, in the kernel's words, and tried
// again by who asks for it; what is wrong with one cgroup is not.
func TestRefusal(t *testing.T) {
	if vm.Inside() {
		t.Skip("this host does not refuse")
	}
	folder := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", folder, "allroads/cmd/allroadsd").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	before := refusedFile
	refusedFile = filepath.Join(folder, "refused")
	defer func() { refusedFile = before }()

	if _, err := attach(folder); err == nil || hookRefused() != nil {
		t.Errorf("a folder that is no cgroup: %v, and then %v", err, hookRefused())
	}
	own, err := cgroup.Own()
	if err != nil {
		t.Skip(err)
	}
	h, err := attach(own)
	if err == nil {
		_, err = h.detach()
		t.Skipf("this host does not refuse: %v", err)
	}
	if why := hookRefused(); why == nil || !strings.Contains(why.Error(), err.Error()) || !strings.Contains(err.Error(), "not permitted") {
		t.Errorf("%v is remembered as %v", err, why)
	}
}
