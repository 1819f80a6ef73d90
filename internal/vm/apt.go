package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// suites are where a kernel is looked for, in this order: all have 6.12 or newer.
var suites = []string{"trixie", "bookworm-backports", "sid"}

// metapackage depends on the newest kernel for virtual machines of its suite, which
// is a third of the size of the one for all hardware.
const metapackage = "linux-image-cloud-amd64"

const (
	mirror  = "http://deb.debian.org/debian"
	keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
)

// apt is a configuration of apt that has nothing in common with that of the system,
// neither sources nor lists nor hooks, except how the network is reached.
type apt struct{ dir string }

// newApt makes a configuration in dir that has one suite.
func newApt(dir, suite string) (*apt, error) {
	if _, err := os.Stat(keyring); err != nil {
		return nil, fmt.Errorf("find Debian's keys, of the package debian-archive-keyring: %w", err)
	}
	for _, sub := range []string{"etc/parts", "state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	a := &apt{dir: dir}
	files := map[string]string{
		"etc/apt.conf":     a.settings(),
		"etc/sources.list": fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keyring, mirror, suite),
		"state/status":     "",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// settings is the text of apt.conf. apt would read the system's parts, too, and run
// the hooks in them, were Dir::Etc::parts not another here.
func (a *apt) settings() string {
	lines := []string{
		`Dir::Etc "` + a.dir + `/etc";`,
		`Dir::Etc::main "apt.conf.none";`,
		`Dir::Etc::parts "parts";`,
		`Dir::Etc::sourcelist "sources.list";`,
		`Dir::Etc::sourceparts "-";`,
		`Dir::State "` + a.dir + `/state";`,
		`Dir::State::status "` + a.dir + `/state/status";`,
		`Dir::Cache "` + a.dir + `/cache";`,
		`APT::Architecture "amd64";`,
		`APT::Architectures { "amd64"; };`,
		`APT::Sandbox::User "";`, // The cache directory is its user's alone.
		`Acquire::Languages "none";`,
		`Acquire::Retries "2";`,
		`Acquire::http::Timeout "20";`,
	}
	return strings.Join(append(lines, proxies()...), "\n") + "\n"
}

// proxies are the system's settings of how the network is reached.
func proxies() []string {
	out, _ := exec.Command("apt-config", "dump").Output()
	var lines []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Acquire::http") && strings.Contains(strings.ToLower(line), "::proxy") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// run runs a program of apt in the directory of the configuration.
func (a *apt) run(program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), "APT_CONFIG="+a.dir+"/etc/apt.conf", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, complaint(string(out)))
	}
	return string(out), nil
}

// complaint is the first error in what apt prints, or all of it on one line.
func complaint(out string) string {
	for line := range strings.Lines(out) {
		if text, ok := strings.CutPrefix(line, "E: "); ok {
			return strings.TrimSpace(text)
		}
	}
	return strings.Join(strings.Fields(out), " ")
}

// field is what `apt-cache show` has of a package under a name.
func (a *apt) field(pkg, name string) (string, error) {
	out, err := a.run("apt-cache", "show", "--no-all-versions", pkg)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("apt-cache show %s: no field %s", pkg, name)
}

// kernel downloads the suite's newest kernel, and returns the path of its package
// and the SHA256 that the suite, signed by Debian, gives it.
func (a *apt) kernel() (path, sum string, err error) {
	if _, err := a.run("apt-get", "-q", "-y", "update", "-o", "APT::Update::Error-Mode=any",
		"-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"); err != nil {
		return "", "", err
	}
	depends, err := a.field(metapackage, "Depends")
	if err != nil {
		return "", "", err
	}
	pkg, _, _ := strings.Cut(depends, " ")
	pkg = strings.TrimSuffix(pkg, ",")
	if sum, err = a.field(pkg, "SHA256"); err != nil {
		return "", "", err
	}
	if _, err := a.run("apt-get", "-q", "download", pkg); err != nil {
		return "", "", err
	}
	found, _ := filepath.Glob(filepath.Join(a.dir, pkg+"_*.deb"))
	if len(found) != 1 {
		return "", "", fmt.Errorf("apt-get download %s: %d files", pkg, len(found))
	}
	return found[0], sum, nil
}
