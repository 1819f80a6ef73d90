package vm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInitramfs: cpio(1) unpacks what was packed.
func TestInitramfs(t *testing.T) {
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("missing: program cpio")
	}
	dir := t.TempDir()
	here := filepath.Join(dir, "odd")
	for i, size := range []int{0, 1, 2, 3, 4, 5000} {
		name := here + strings.Repeat("x", i)
		if err := os.WriteFile(name, bytes.Repeat([]byte{byte(i)}, size), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := contents{"/bin/a": here, "/bin/bb": here + "x", "/bin/ccc": here + "xx", "/d/e/f/g": here + "xxx", "/h": here + "xxxxx", "/i": here + "xxxx"}
	packed := filepath.Join(dir, initramfs)
	if err := c.write(packed, []module{{"veth", []byte("module")}}, Plan{Args: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	unpack := exec.Command("cpio", "--extract", "--quiet", "--file", packed, "--nonmatching", "dev/console")
	unpack.Dir = tree
	if out, err := unpack.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("cpio: %v: %s", err, out)
	}
	for name, file := range c {
		want, _ := os.ReadFile(file)
		got, err := os.ReadFile(filepath.Join(tree, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s has %d bytes, want %d: %v", name, len(got), len(want), err)
		}
	}
	got, err := os.ReadFile(filepath.Join(tree, PlanFile))
	if want := `{"Args":["x"],"Env":null,"Dir":"","Modules":["/modules/000-veth.ko"]}`; err != nil || string(got) != want {
		t.Error(cmp.Diff(want, string(got)), err)
	}
}
