package matrix

import (
	"os"
	"os/exec"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

// kind is a program of the matrix.
type kind struct {
	name    string
	command func(t *testing.T) []string // before "client" or "server", address and port
	first   func(user) []string         // what it prints before it has a socket
	more    int                         // sockets besides the one that talks
	godebug bool                        // which is enough for it
}

func of(name string, words ...string) func(*testing.T) []string {
	return func(t *testing.T) []string { return append([]string{program(t, name)}, words...) }
}

func always(line string) func(user) []string { return func(user) []string { return []string{line} } }

const thousand = "1000 of MPTCP, 0 others"

// kinds are all programs of the matrix.
var kinds = []kind{
	{name: "dynamic C", command: of("dynamic")},
	{name: "static C", command: of("static")},
	{name: "Go net", command: of("goprogram", "net"), godebug: true},
	{name: "Go calls", command: of("goprogram", "raw")},
	{name: "Go 386", command: of("goprogram-386", "raw")},
	{name: "Python", command: python},
	{name: "shell", command: shell},
	{name: "threads", command: of("dynamic", "many", "1000"), first: always(thousand), more: 1000},
	{name: "goroutines", command: of("goprogram", "many", "1000", "raw"), first: always(thousand), more: 1000},
	{name: "set-uid", command: setUID, first: effective},
}

func python(t *testing.T) []string {
	// Not one of somebody's own, which an ordinary user could not run.
	path, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		netnstest.Missing(t, "program /usr/bin/python3")
	}
	text, err := os.ReadFile("testdata/program.py")
	if err != nil {
		t.Fatal(err)
	}
	return []string{path, "-c", string(text)}
}

// shell forks and executes the program, and waits for it.
func shell(t *testing.T) []string {
	return []string{"/bin/sh", "-c", `"$0" "$@" & wait $!`, program(t, "dynamic")}
}

// setUID is a program of root's that an ordinary user starts, whoever starts allroads.
func setUID(t *testing.T) []string {
	if os.Geteuid() != 0 || netns.Inside() {
		t.Skip("only root can make set-uid programs of root")
	}
	path := file(t, "set-uid")
	text, err := os.ReadFile(program(t, "static"))
	if err == nil {
		err = os.WriteFile(path, text, 0o755)
	}
	if err == nil {
		err = os.Chmod(path, 0o755|os.ModeSetuid)
	}
	if err != nil {
		t.Fatal(err)
	}
	return []string{"/bin/sh", "-c", `
		if [ $(id -u) = 0 ]; then
			exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@"
		fi
		exec "$0" "$@"`, path, "whoami"}
}

// effective says whose rights a set-uid program has.
func effective(u user) []string {
	if u == root {
		return []string{"euid 0"}
	}
	return []string{"euid 65534"} // NO_NEW_PRIVS
}
