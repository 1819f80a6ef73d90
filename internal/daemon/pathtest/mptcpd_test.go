package pathtest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// installation is where mptcpd is: "" for that of the system.
type installation string

func mptcpdRoot() installation { return installation(os.Getenv("ALLROADS_MPTCPD")) }

// absent is why a contestant cannot be measured, "" where it can.
func absent(who string) string {
	i := mptcpdRoot()
	switch {
	case who != "mptcpd":
		return ""
	case !exists(i.path("usr/libexec/mptcpd")):
		return "no " + i.path("usr/libexec/mptcpd") + ": install mptcpd, or see the package's documentation"
	case !exists(i.path("usr/include/mptcpd/plugin.h")) || !exists(i.path("usr/include/ell/ell.h")):
		return "no headers of mptcpd below " + i.path("usr/include") + ", and its own plugins make no subflow under the userspace path manager"
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		return "no gcc to compile a plugin of mptcpd with"
	}
	return ""
}

func (i installation) path(name string) string { return filepath.Join("/", string(i), name) }

// libraries is where the installation's libraries are.
func (i installation) libraries() string {
	found, _ := filepath.Glob(i.path("usr/lib/*/mptcpd"))
	if len(found) == 0 {
		return i.path("usr/lib")
	}
	return filepath.Dir(found[0])
}

// command is the beginning of mptcpd's command line, with a loader of its own where the
// installation brings one.
func (i installation) command() []string {
	program := i.path("usr/libexec/mptcpd")
	if i == "" {
		return []string{program}
	}
	if loader := filepath.Join(i.libraries(), "ld-linux-x86-64.so.2"); exists(loader) {
		return []string{loader, "--library-path", i.libraries(), program}
	}
	return []string{"env", "LD_LIBRARY_PATH=" + i.libraries(), program}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func (i installation) version(t testing.TB) string {
	t.Helper()
	words := append(i.command(), "--version")
	out, err := exec.Command(words[0], words[1:]...).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// plugins returns a folder with a plugin of mptcpd: one of its own, or `join`, of
// testdata, which makes a subflow from each other address and is compiled here.
func (i installation) plugins(t testing.TB, name string) string {
	t.Helper()
	if name != "join" {
		return filepath.Join(i.libraries(), "mptcpd")
	}
	if why := absent("mptcpd"); why != "" {
		t.Skip(why)
	}
	dir := t.TempDir()
	// mptcpd refuses folders that others may write to.
	must(t, os.Chmod(dir, 0o755))
	out, err := exec.Command("gcc", "-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-I", i.path("usr/include"),
		"-o", filepath.Join(dir, "join.so"), "testdata/mptcpd/join.c").CombinedOutput()
	if err != nil {
		t.Fatalf("compile a plugin of mptcpd: %v: %s", err, out)
	}
	return dir
}

// mptcpd runs mptcpd in the client with one plugin.
func (s *site) mptcpd(plugin string) *process {
	s.Helper()
	here := mptcpdRoot()
	if !exists(here.path("usr/libexec/mptcpd")) {
		s.Skip(absent("mptcpd"))
	}
	words := append(here.command(), "--plugin-dir="+here.plugins(s, plugin), "--load-plugins="+plugin,
		"--path-manager="+plugin, "--log=stderr", "--notify-flags=existing,skip_link_local,skip_loopback")
	p := s.start(s.client, nil, words[0], words[1:]...)
	s.await("mptcpd has its netlink sockets", func() bool {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/netlink", p.Process.Pid))
		return strings.Count(string(text), fmt.Sprintf(" %d ", p.Process.Pid)) >= 2
	})
	// It does not tell when it has learnt the addresses.
	time.Sleep(300 * time.Millisecond)
	return p
}
