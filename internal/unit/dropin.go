package unit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// DropInName is the file that enable makes in UNIT.d. Drop-ins are read in the order
// of their names, and this one has to be read behind those that set commands, as the
// override.conf of `systemctl edit` may.
const DropInName = "zz-allroads.conf"

// Strategies of a drop-in.
const (
	Notify  = "notify"  // the command is wrapped in `allroads run --exec`
	GoDebug = "godebug" // the environment tells a Go program to
	Socket  = "socket"  // systemd makes the sockets, SocketProtocol=mptcp
)

// DropIn is a file that has a unit use MPTCP.
type DropIn struct {
	Unit     Name
	Path     string // inside the root
	Strategy string
	Allroads string   // the path that wrapped commands begin with; "" for other strategies
	Notes    []string // what its user should know, a sentence each
	Hidden   []string // why the unit could not be started with it, if so

	of     string // what in the unit it is made for
	folder bool   // UNIT.d is made for it, too
	body   string
}

// Errors of a drop-in that cannot be made.
var (
	ErrNoCommand   = errors.New("it has no ExecStart=")
	ErrOldSystemd  = errors.New("SocketProtocol=mptcp needs systemd 257 or newer")
	ErrNoInternet  = errors.New("it listens on no TCP port")
	ErrOtherSocket = errors.New("SocketProtocol=mptcp is for all that a unit listens on, and not all of this is TCP")
)

// DropIn makes the drop-in for a unit. For the strategy Notify, allroads is
// that program's absolute path inside the root.
func (u *Unit) DropIn(strategy, allroads string) (*DropIn, error) {
	plain := u.plain()
	d := &DropIn{Unit: u.Name, Strategy: strategy, Path: filepath.Join(u.tree.own, string(u.Name)+".d", DropInName)}
	var err error
	switch strategy {
	case Socket:
		err = d.listen(plain)
	case GoDebug:
		err = d.environment(plain)
	default:
		d.Allroads = allroads
		err = d.wrap(plain)
	}
	if err != nil {
		return nil, fmt.Errorf("enable %s: %w", u.Name, err)
	}
	return d, nil
}

// wrap has all commands of ExecStart= run under allroads.
func (d *DropIn) wrap(u *Unit) error {
	commands, err := u.Commands()
	if err == nil && len(commands) == 0 {
		err = ErrNoCommand
	}
	if err != nil {
		return err
	}
	lines, options := []string{"[Service]", "ExecStart="}, []string{"--strategy", d.Strategy}
	if pipe := u.last("Service", "IgnoreSIGPIPE"); pipe == "" || yes(pipe) {
		options = append(options, "--ignore-signal", "PIPE") // That of systemd is lost on the way.
	}
	for _, c := range commands {
		wrapped, err := c.Wrap(d.Allroads, options...)
		if err != nil {
			return err
		}
		lines = append(lines, "ExecStart="+wrapped.String())
		d.of += c.String() + "\n"
	}
	more := u.sandbox(d.Allroads)
	d.Hidden, d.Notes = u.hides(d.Allroads), append(more.notes, u.notes(commands)...)
	d.body = strings.Join(append(lines, more.settings...), "\n") + "\n"
	return nil
}

// environment sets GODEBUG, with what the unit has in it.
func (d *DropIn) environment(u *Unit) error {
	commands, err := u.Commands()
	if err == nil && len(commands) == 0 {
		err = ErrNoCommand
	}
	if err != nil {
		return err
	}
	for _, c := range commands {
		d.of += c.String() + "\n"
	}
	value, err := u.goDebug()
	d.body = "[Service]\nEnvironment=" + quoted("GODEBUG="+value) + "\n"
	d.Notes = u.activation()
	return err
}

// Text is the file. Its last line of comment is a hash of all others, so that what was
// changed by hand is noticed.
func (d *DropIn) Text() string {
	lines := []string{
		fmt.Sprintf("# Made by `allroads enable` so that %s uses MPTCP. `allroads disable %s` removes it.", d.Unit, d.Unit),
		"# strategy: " + d.Strategy,
	}
	if d.Allroads != "" {
		lines = append(lines, "# allroads: "+d.Allroads)
	}
	if d.folder {
		lines = append(lines, folderMade)
	}
	head := strings.Join(append(lines, "# of: "+hash(d.of)), "\n") + "\n"
	return head + "# sum: " + hash(head+d.body) + "\n" + d.body
}

// folderMade tells disable that the folder may go, too.
const folderMade = "# folder: made"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// made is what the head of a drop-in says of it.
type made struct {
	strategy, allroads, of string
	body                   string
	edited, folder         bool
}

// readMade reads a drop-in that enable has made; ok is false when it has not.
func readMade(text string) (m made, ok bool) {
	head, sum, found := strings.Cut(text, "# sum: ")
	sum, m.body, ok = strings.Cut(sum, "\n")
	if !found || !ok || !strings.HasPrefix(head, "# Made by `allroads enable`") {
		return made{}, false
	}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "# strategy":
			m.strategy = value
		case "# allroads":
			m.allroads = value
		case "# of":
			m.of = value
		}
	}
	m.folder = strings.Contains(head, folderMade)
	m.edited = sum != hash(head+m.body)
	return m, m.strategy != ""
}
