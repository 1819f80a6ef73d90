package allroads_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linked are the modules of others that cmd/allroads links. Each costs every start
// of the program, `allroads endpoint show` too; a new one belongs here on purpose.
var linked = []string{
	"github.com/creack/pty",
	"github.com/goccy/go-yaml",
	"github.com/google/nftables",
	"github.com/jsimonetti/rtnetlink/v2",
	"github.com/klauspost/compress",
	"github.com/mdlayher/genetlink",
	"github.com/mdlayher/netlink",
	"github.com/mdlayher/socket",
	"github.com/spf13/cobra",
	"github.com/spf13/pflag",
	"golang.org/x/net",
	"golang.org/x/sync",
	"golang.org/x/sys",
	"golang.org/x/term",
}

// heavy are packages of the standard library that take their time to initialise.
var heavy = []string{"net/http", "crypto/tls", "crypto/x509", "html/template", "testing", "go/ast"}

func TestLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}} {{.ImportPath}}", "./cmd/allroads").Output()
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for line := range strings.Lines(string(out)) {
		module, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path == "" {
			path, module = module, ""
		}
		if module != "" && module != "allroads" && !slices.Contains(modules, module) {
			modules = append(modules, module)
		}
		if slices.Contains(heavy, path) {
			t.Errorf("cmd/allroads links %s", path)
		}
	}
	slices.Sort(modules)
	if diff := cmp.Diff(linked, modules); diff != "" {
		t.Error(diff)
	}
}

// initLine is what GODEBUG=inittrace=1 says of a package.
var initLine = regexp.MustCompile(`(?m)^init (\S+) @.*, ([0-9]+) bytes, ([0-9]+) allocs$`)

// What initialisation may allocate, of all packages together. It was 62 KB in 300
// pieces when this was written.
const (
	initBytes  = 80_000
	initAllocs = 400
)

// TestInitialisation holds what the packages do before main begins.
func TestInitialisation(t *testing.T) {
	program := filepath.Join(t.TempDir(), "allroads")
	build := exec.Command("go", "build", "-o", program, "./cmd/allroads")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	run := exec.Command(program, "--version")
	run.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	bytes, allocs, packages := 0, 0, initLine.FindAllStringSubmatch(string(out), -1)
	for _, p := range packages {
		b, _ := strconv.Atoi(p[2])
		a, _ := strconv.Atoi(p[3])
		bytes, allocs = bytes+b, allocs+a
	}
	if len(packages) < 10 {
		t.Fatalf("initialisation of %d packages only:\n%s", len(packages), out)
	}
	if bytes > initBytes || allocs > initAllocs {
		t.Errorf("initialisation allocates %d bytes in %d pieces, more than %d in %d:\n%s", bytes, allocs, initBytes, initAllocs, out)
	}
	t.Logf("%d bytes in %d pieces", bytes, allocs)
}
