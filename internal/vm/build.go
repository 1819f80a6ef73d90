package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// missingError is something that this machine does not have.
type missingError struct{ what string }

func (m missingError) Error() string { return m.what }

// build makes all that the guest gets, in dir.
func (j *Job) build(dir string) (contents, error) {
	c := contents{}
	if err := j.buildTest(c, dir); err != nil {
		return nil, err
	}
	if err := goBuild(c, dir, "/init", "amd64", "allroads/internal/vm/init"); err != nil {
		return nil, err
	}
	for _, program := range j.Programs {
		arch, pkg, other := strings.Cut(program, ":")
		name := "/bin/" + path.Base(pkg) + "-" + arch
		if !other {
			arch, pkg, name = "amd64", program, "/bin/"+path.Base(program)
		}
		if err := goBuild(c, dir, name, arch, pkg); err != nil {
			return nil, err
		}
	}
	for _, command := range j.Commands {
		if err := c.command(command); err != nil {
			return nil, err
		}
	}
	for name, file := range j.Files {
		c[path.Clean("/"+name)] = file
	}
	return c, nil
}

// buildTest builds the static test binary, and takes the package's testdata along.
func (j *Job) buildTest(c contents, dir string) error {
	c[testFile] = filepath.Join(dir, "package.test")
	if _, err := goTool("amd64", "test", "-c", "-o", c[testFile], j.Package); err != nil {
		return err
	}
	if _, err := os.Stat(c[testFile]); err != nil {
		return fmt.Errorf("build the tests of %s: it has none", j.Package)
	}
	source, err := goTool("amd64", "list", "-f", "{{.Dir}}", j.Package)
	if err != nil {
		return err
	}
	testdata := filepath.Join(strings.TrimSpace(source), "testdata")
	if _, err := os.Stat(testdata); err != nil {
		return nil
	}
	return c.tree(testDir+"/testdata", testdata)
}

func goBuild(c contents, dir, name, arch, pkg string) error {
	c[name] = filepath.Join(dir, path.Base(name))
	_, err := goTool(arch, "build", "-ldflags=-s -w", "-o", c[name], pkg)
	return err
}

func goTool(arch string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// command adds a program of this machine, and what ldd(1) says it needs, where the
// dynamic linker looks for it.
func (c contents) command(name string) error {
	file, err := exec.LookPath(name)
	if err != nil {
		return missingError{"program " + name}
	}
	c["/bin/"+path.Base(name)] = file
	out, err := exec.Command("ldd", file).CombinedOutput()
	if err != nil {
		return nil // It is static, or a script.
	}
	for line := range strings.Lines(string(out)) {
		for _, word := range strings.Fields(line) {
			if path.IsAbs(word) {
				c[path.Clean(word)] = word
			}
		}
	}
	return nil
}
