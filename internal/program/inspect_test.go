package program

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestLinkage is what file(1) and readelf(1) say too.
func TestLinkage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		option string
		want   Linkage
		file   string // what file says
	}{
		{"-pie", Dynamic, "dynamically linked"},
		{"-no-pie", Dynamic, "dynamically linked"},
		{"-static", Static, "statically linked"},
		{"-static-pie", StaticPIE, "static-pie linked"},
		{"-shared", Library, "shared object"},
	} {
		t.Run(c.option, func(t *testing.T) {
			path := madeC(t, plainC, c.option, "-fPIC")
			run(t, nil, "strip", path)
			if said := run(t, nil, "file", "-b", path); !strings.Contains(said, c.file) {
				t.Fatalf("file says %s", said)
			}
			p := examined(t, path)
			if p.Linkage != c.want || p.Path != path || p.Go != nil || p.Language != "" || len(p.Scripts) > 0 || p.Privileges.Any() {
				t.Errorf("%+v", p)
			}
			headers := run(t, nil, "readelf", "-lW", path)
			if (p.Loader != "") != strings.Contains(headers, "INTERP") || !strings.Contains(headers, p.Loader) {
				t.Errorf("loader %q of\n%s", p.Loader, headers)
			}
			if p.Loader != "" && p.Libc != "glibc" && p.Libc != "musl" {
				t.Errorf("libc %q of loader %s", p.Libc, p.Loader)
			}
		})
	}
}

// TestAgainstDebugELF holds programs of this system against package debug/elf.
func TestAgainstDebugELF(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, name := range []string{"sh", "ls", "ip", "gcc", "go", "curl", "ssh", "node", "python3.11", "docker"} {
		path, err := Find(name)
		if err != nil {
			continue
		}
		p, err := Inspect(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f, err := elf.Open(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		libraries, _ := f.ImportedLibraries()
		if !slices.Equal(libraries, p.Libraries) || (f.Class == elf.ELFCLASS64) != (p.Bits == 64) {
			t.Errorf("%s: %d bits, libraries %v, want %v", name, p.Bits, p.Libraries, libraries)
		}
		symbols, _ := f.ImportedSymbols()
		file, info, err := open(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := newImage(file, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range m.readImports() {
			if !slices.ContainsFunc(symbols, func(s elf.ImportedSymbol) bool { return s.Name == i.name }) && p.Linkage == Dynamic && len(symbols) > 0 {
				if defined, _ := f.DynamicSymbols(); !slices.ContainsFunc(defined, func(s elf.Symbol) bool { return s.Name == i.name }) {
					t.Errorf("%s does not import %s", name, i.name)
				}
			}
		}
		m.close()
		f.Close()
		build, err := buildinfo.ReadFile(p.Path)
		if (err == nil) != (p.Go != nil) {
			t.Errorf("%s: Go %+v, want %v, %v", name, p.Go, build, err)
		} else if p.Go != nil && (p.Go.Version != build.GoVersion || p.Go.Module != build.Main.Path || len(p.Go.dependencies) != len(build.Deps)) {
			t.Errorf("%s: Go %+v, want %+v", name, p.Go, build)
		}
		seen++
	}
	if seen < 2 {
		t.Errorf("only %d programs were held against", seen)
	}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	for arch, want := range map[string]string{"386": "i686", "amd64": "x86_64", "arm64": "aarch64", "s390x": "s390x"} {
		p := examined(t, madeGo(t, "package main\nfunc main() {}\n", []string{"GOARCH=" + arch}))
		if p.Machine != want || p.Go == nil || p.Go.Version != runtime.Version() || p.Linkage != Static {
			t.Errorf("%s: %+v, %+v", arch, p, p.Go)
		}
		if (p.Bits == 64) != strings.Contains(want, "64") && want != "s390x" {
			t.Errorf("%s: %d bits", arch, p.Bits)
		}
	}
}

// TestRunning: the link to a process's program leads to the file, under its own name.
func TestRunning(t *testing.T) {
	p, err := Inspect("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil || p.Path != self || p.Go == nil || p.Go.Module != "allroads" {
		t.Errorf("%+v, %+v, want %s, %v", p, p.Go, self, err)
	}
	if err := p.DecideGodebug(); err != nil || p.Go.Godebugs == nil {
		t.Error(err)
	}
}
