package program

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNotPrograms: each thing that is none is said as what it is, and none is waited
// for.
func TestNotPrograms(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := unix.Mkfifo(pipe, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder: "a directory", pipe: "a pipe", "/dev/null": "a device", write(t, "text", "hello\n", 0o755): "neither ELF nor",
		write(t, "empty", "", 0o755): "neither ELF nor", write(t, "short", "\x7fELF", 0o755): "neither ELF nor",
		write(t, "closed", "#!/bin/sh\n", 0o644): "chmod +x", write(t, "nothing", "#!\n", 0o755): "neither ELF nor",
		write(t, "lost", "#!/usr/bin/env no-such-program\n", 0o755): "not in $PATH",
	} {
		if _, err := Examine(path); !errors.Is(err, ErrNotProgram) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	for _, path := range []string{"/none", write(t, "gone", "#!/no/such/interpreter\n", 0o755)} {
		if _, err := Inspect(path); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotProgram) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if os.Geteuid() != 0 {
		if _, err := Inspect(write(t, "secret", "\x7fELF", 0o111)); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a file that may not be read: %v", err)
		}
	}
	if _, err := Find("no-such-program"); err == nil || !strings.Contains(err.Error(), "not in $PATH") {
		t.Error(err)
	}
}

// TestObjects: of what a compiler leaves, not all is started.
func TestObjects(t *testing.T) {
	if _, err := Examine(madeC(t, plainC, "-c")); !errors.Is(err, ErrNotProgram) {
		t.Errorf("an object file: %v", err)
	}
}

// TestCutOff: a program that is not all there is none, wherever it ends; what lies
// behind what is loaded may be missing.
func TestCutOff(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(madeC(t, plainC))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for n := 0; n < len(whole); n += 1 + n/50 {
		if _, err := Examine(write(t, "cut", string(whole[:n]), 0o755)); errors.Is(err, ErrNotProgram) {
			refused++
		} else if err != nil {
			t.Errorf("%d bytes: %v", n, err)
		} else if n < len(whole)/2 {
			t.Errorf("%d bytes of %d are a program", n, len(whole))
		}
	}
	if refused < 100 {
		t.Errorf("%d of the pieces were refused", refused)
	}
}

// TestDamaged: nothing in a file makes this panic, or take much memory.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for _, path := range []string{madeC(t, plainC), madeGo(t, dials1, nil)} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 150 {
			damaged := append([]byte(nil), whole...)
			for range 1 + random.IntN(20) {
				damaged[random.IntN(1+random.IntN(len(damaged)))] = byte(random.Uint32())
			}
			look(damaged)
		}
	}
}

// look does with bytes what Examine does with a file.
func look(b []byte) {
	m, err := newImage(strings.NewReader(string(b)), int64(len(b)))
	if err != nil {
		return
	}
	p := new(Program)
	p.describe(m)
	examine(p, m)
	Ways(p, &Host{Machine: p.Machine})
}
