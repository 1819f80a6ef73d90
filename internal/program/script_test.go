package program

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHashBang(t *testing.T) {
	for head, want := range map[string][2]string{
		"#!/bin/sh\nexit": {"/bin/sh"}, "#! /bin/sh -e -u \n": {"/bin/sh", "-e -u"}, "#!/usr/bin/env -S python3 -u": {"/usr/bin/env", "-S python3 -u"},
		"#!\n": {}, "#! \t\n": {}, "# !/bin/sh": {}, "": {}, "#!/bin/sh\t\tx\x00y\n": {"/bin/sh", "x\x00y"},
	} {
		interpreter, argument, ok := hashBang([]byte(head))
		if interpreter != want[0] || argument != want[1] || ok != (want[0] != "") {
			t.Errorf("%q: %q, %q, %v", head, interpreter, argument, ok)
		}
	}
}

// TestScripts follows a script, by a link, through another one to the program.
func TestScripts(t *testing.T) {
	inner := write(t, "inner", "#!/bin/sh -e\n", 0o755)
	outer := write(t, "outer", "#!"+inner+" word\n", 0o755)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(outer, link); err != nil {
		t.Fatal(err)
	}
	p := examined(t, link)
	shell, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	want := []Script{{outer, inner, "word"}, {inner, "/bin/sh", "-e"}}
	if len(p.Scripts) != 2 || p.Scripts[0] != want[0] || p.Scripts[1] != want[1] || p.Path != shell || p.Language != "shell" {
		t.Errorf("%+v", p)
	}
	p = examined(t, write(t, "by-env", "#!/usr/bin/env -S A=1 sh -x\n", 0o755))
	if p.Path != shell || len(p.Scripts) != 1 {
		t.Errorf("%+v", p)
	}
	loop := write(t, "loop", "", 0o755)
	if err := os.WriteFile(loop, []byte("#!"+loop+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(loop); err == nil {
		t.Error("a script that is its own interpreter is a program")
	}
}

func TestLanguage(t *testing.T) {
	for path, want := range map[string]string{
		"/bin/sh": "shell", "/bin/dash": "shell", "/usr/bin/python3.11": "python", "/usr/bin/node": "javascript", "/usr/bin/perl5.36.0": "perl",
		"/bin/shred": "", "/usr/bin/pythonish": "", "/usr/bin/curl": "", "/usr/bin/ruby3.1": "ruby",
	} {
		if got := languageOf(path); got != want {
			t.Errorf("%s runs %q, want %q", path, got, want)
		}
	}
}
