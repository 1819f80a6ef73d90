package program

// Program is what an executable file is. What a field does not tell is not known,
// or there is none of it: which of the two is said at each.
type Program struct {
	// Path is the file that the kernel maps in the end: symbolic links are followed,
	// and of a script it is the interpreter.
	Path string `json:"path"`

	// Scripts are what leads there, the one that was asked for first; none when that
	// is no script.
	Scripts []Script `json:"scripts,omitempty"`

	Machine string `json:"machine"` // as uname(2) has it: "x86_64"; "machine N" of one without a name here
	Bits    int    `json:"bits"`    // 32 or 64
	header  []byte // the first bytes, by which binfmt_misc chooses
	file    string // what to open: Path, or the link to it of a process

	Linkage Linkage `json:"linkage"`

	// Loader is the file that the kernel starts in its place (PT_INTERP), Libc whose
	// it is: "glibc", "musl", "bionic", "uclibc", "" when it is none of these.
	Loader    string   `json:"loader,omitempty"`
	Libc      string   `json:"libc,omitempty"`
	Libraries []string `json:"libraries,omitempty"` // DT_NEEDED, in its order

	// Language is that of what it runs, for interpreters known here: "shell",
	// "python", "javascript" and so on.
	Language string `json:"language,omitempty"`

	Go         *Go        `json:"go,omitempty"` // nil: not made by Go
	Privileges Privileges `json:"privileges"`
	Uring      *Sight     `json:"io_uring"` // nil: not looked for (see Examine)

	// Options are socket options which the program sets, or may: Probe tells which of
	// them fail on an MPTCP socket. Nil: not looked for (see Examine).
	Options []Use `json:"options,omitempty"`
}

// Script is a file that begins with #!, or one that env(1) is told to start.
type Script struct {
	Path        string `json:"path"`
	Interpreter string `json:"interpreter"` // as it says
	Argument    string `json:"argument,omitempty"`
}

// Linkage is how a program comes to its libraries.
type Linkage string

// The kinds there are.
const (
	Dynamic   Linkage = "dynamic"
	Static    Linkage = "static"
	StaticPIE Linkage = "static-pie"
	Library   Linkage = "shared library" // which the kernel may well start, too
)

// Privileges are what a program has beyond those of who starts it.
type Privileges struct {
	SetUID *uint32 `json:"set_uid"` // the user that it becomes; nil: none
	SetGID *uint32 `json:"set_gid"`

	// Capabilities are those of the file (capabilities(7)), by name.
	Capabilities []string `json:"file_capabilities"`

	// Ignored says that the file system is mounted nosuid: the kernel gives none of
	// these.
	Ignored bool `json:"ignored_nosuid"`
}

// Any reports whether the kernel gives it any.
func (p *Privileges) Any() bool {
	return !p.Ignored && (p.SetUID != nil || p.SetGID != nil || len(p.Capabilities) > 0)
}

// Certainty is how sure something is that a file tells.
type Certainty string

// From the surest on.
const (
	Observed Certainty = "observed" // at a socket that the running program has open
	Seen     Certainty = "seen"     // in the file: a call, or a function that is there for nothing else
	Known    Certainty = "known"    // of the program of this name: it does so as a rule
	Possible Certainty = "possible" // if it is told to, or it may be something else
	NotSeen  Certainty = "not seen" // which proves nothing
)

// Sight is something that was looked for in a file.
type Sight struct {
	Certainty Certainty `json:"certainty"`
	Why       string    `json:"why,omitempty"`
}

// Use is a socket option that a program uses.
type Use struct {
	Option    string    `json:"option"` // "TCP_USER_TIMEOUT"
	Certainty Certainty `json:"certainty"`
	Why       string    `json:"why"`
}
