package notify

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"allroads/internal/choose"
	"allroads/internal/seccomp"
)

// Command is the word by which this program is started again in the background, which
// has to lead to Supervise with all words after it.
const Command = "supervise"

// again is this program, to be started in the background: in a session of its own,
// with nothing of anybody's open but files, from descriptor 3 on.
func again(role string, l *seccomp.Listener, o Options, words []string, files ...*os.File) *exec.Cmd {
	args := append([]string{Command, role}, words...)
	if o.Require {
		args = append(args, "--require")
	}
	if l.Killable() {
		args = append(args, "--killable")
	}
	cmd := exec.Command("/proc/self/exe", append(args, o.Choose.Args()...)...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.ExtraFiles = files
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

// firstFile is the descriptor of the first file of again.
const firstFile = 3

// orders are the words of again, read.
type orders struct {
	Options
	killable bool
	report   string
}

func parse(words []string) (o orders, err error) {
	var only, except []string
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "--require":
			o.Require = true
		case "--killable":
			o.killable = true
		case "--report":
			o.report = value
		case "--only":
			only = append(only, value)
		case "--except":
			except = append(except, value)
		default:
			return o, fmt.Errorf("%s: unknown word %q", Command, word)
		}
	}
	if only != nil || except != nil {
		o.Choose, err = choose.New(background(), only, except)
	}
	return o, err
}
