package vm

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestVerify: a package that was cut, changed, or came without a sum is not used.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if verify(dir) == nil {
		t.Error("nothing is verified")
	}
	write(packageFile, "package")
	if verify(dir) == nil {
		t.Error("a package without sum is verified")
	}
	write(sumFile, fmt.Sprintf("%x\n", sha256.Sum256([]byte("package"))))
	if err := verify(dir); err != nil {
		t.Error(err)
	}
	write(packageFile, "packagf")
	if verify(dir) == nil {
		t.Error("another package is verified")
	}
}

// TestModules: dependencies come first, each once; what is built in needs no file,
// and what there is not is an error.
func TestModules(t *testing.T) {
	require(t)
	k, err := cached()
	if err != nil {
		Missing(t, err.Error())
	}
	modules, err := k.load([]string{"mptcp-diag", "tcp_diag", "mptcp_diag", "ipv6"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range modules {
		names = append(names, m.name)
	}
	if !slices.Equal(names, []string{"inet_diag", "mptcp_diag", "tcp_diag"}) {
		t.Errorf("modules are %v", names)
	}
	if _, err := k.load([]string{"no_such_module"}); err == nil {
		t.Error("a module that there is not was loaded")
	}
}
