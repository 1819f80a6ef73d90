package lab_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/lab"
)

// write makes a folder of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func TestExtends(t *testing.T) {
	dir := write(t, map[string]string{
		"base/base.yaml": `
name: base
hosts:
  - &a {name: a, sysctls: {net.a: 1, net.b: 1}, mptcp: {limits: {subflows: 2, add_addr_accepted: 1}}}
  - {name: b, mptcp: {limits: {subflows: 3, add_addr_accepted: 3}}}
links:
  - {name: red, rate: 5mbit, ends: [{host: a, addresses: [10.0.0.1/24]}, {host: b}]}
scenario: {expect: [subflows == 1]}
`,
		"middle.yaml": `
extends: base/base.yaml
hosts:
  - {name: c}
  - {name: a, sysctls: {net.b: 2, net.c: 3}}
`,
		"top.yaml": `
name: top
extends: middle.yaml
links:
  - {name: red, delay: 5ms, ends: [{host: a}, {host: c}]}
  - {name: blue, ends: [{host: a}, {host: b}]}
scenario: {expect: [subflows == 2]}
`})
	topology, err := lab.Load(filepath.Join(dir, "top.yaml"))
	must(t, err)
	a := topology.Hosts[0]
	if topology.Name != "top" || topology.Extends != "" || len(topology.Hosts) != 3 || topology.Hosts[2].Name != "c" {
		t.Errorf("%+v", topology)
	}
	if a.Sysctls["net.a"] != "1" || a.Sysctls["net.b"] != "2" || a.Sysctls["net.c"] != "3" || a.MPTCP.Limits.Subflows != 2 {
		t.Errorf("host a: %+v", a)
	}
	red := topology.Links[0]
	if len(topology.Links) != 2 || red.Rate != 5e6 || red.Delay != 5e6 || len(red.Ends[0].Addresses) != 0 || red.Ends[1].Host != "c" {
		t.Errorf("links: %+v", topology.Links)
	}
	if got := topology.Scenario.Expect; len(got) != 1 || got[0].Value != "2" {
		t.Errorf("expectations %v", got)
	}
}

// An error names the file that it is in.
func TestExtendsErrors(t *testing.T) {
	dir := write(t, map[string]string{
		"typo.yaml":    "nmae: x\n",
		"bad.yaml":     "name: x\nhosts: [{name: h}]\nlinks:\n  - {name: l, ends: [{host: h}, {host: g}]}\n",
		"self.yaml":    "name: x\nextends: self.yaml\n",
		"folder/x":     "",
		"of-typo.yaml": "name: y\nextends: typo.yaml\n",
		"of-bad.yaml":  "name: y\nextends: bad.yaml\n",
		"gone.yaml":    "name: y\nextends: nothing.yaml\n",
		"up.yaml":      "name: y\nextends: ../x.yaml\n",
		"root.yaml":    "name: y\nextends: /etc/passwd\n",
		"dir.yaml":     "name: y\nextends: folder\n",
		"number.yaml":  "name: y\nextends: [5]\n",
	})
	for name, want := range map[string]string{
		"of-typo.yaml": "typo.yaml:1:1: unknown key \"nmae\"",
		"of-bad.yaml":  "bad.yaml:4:40: link l: no host \"g\"",
		"self.yaml":    "one extends itself?",
		"gone.yaml":    "gone.yaml:2:10: extends \"nothing.yaml\": ",
		"up.yaml":      "up.yaml:2:10: extends \"../x.yaml\": not a file in this file's folder",
		"root.yaml":    "root.yaml:2:10: extends \"/etc/passwd\": not a file in this file's folder",
		"dir.yaml":     "dir.yaml:2:10: extends \"folder\": ",
		"number.yaml":  "number.yaml:2:10: ",
	} {
		_, err := lab.Load(filepath.Join(dir, name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v\nwant %s", name, err, want)
		}
	}
}
