// Package supervisor keeps labs up in the background. Each has two processes: one
// that is the lab and serves requests on a Unix socket of its user, and one that
// watches over it, and ends whatever the first leaves running when it ends, in
// whatever way. When the second is killed, the first takes the lab down.
//
// When both are killed at once, the kernel ends the commands that the lab has
// started. What these have left behind is ended by the next Labs or Start: all that
// lives in the lab's network namespaces, or an ordinary user's lab's user namespace.
// Before Linux 6.18 such namespaces cannot be told from later ones for certain, and
// what is left behind in them stays.
package supervisor

import "allroads/lab"

// request is what a client asks for, one on each connection. Files come with it.
type request struct {
	Op      string       `json:"op"` // about, state, exec, set, capture, down
	Exec    *execRequest `json:"exec,omitempty"`
	Link    string       `json:"link,omitempty"`
	Change  []string     `json:"change,omitempty"`
	Capture []string     `json:"capture,omitempty"` // links, none: all
}

// execRequest is a command to run in a host, with three files as its standard
// ones.
type execRequest struct {
	Host     string   `json:"host"`
	Path     string   `json:"path"`
	Command  []string `json:"command"`
	Dir      string   `json:"dir"`
	Env      []string `json:"env"`
	Terminal int      `json:"terminal"` // which of its files is to control it, -1: none
}

// word is what a client says later.
type word struct {
	Signal int `json:"signal,omitempty"` // for the command
}

// reply is what the lab answers, several times for what takes long.
type reply struct {
	Error   string     `json:"error,omitempty"`
	About   *About     `json:"about,omitempty"`
	State   *lab.State `json:"state,omitempty"`
	Exit    *int       `json:"exit,omitempty"` // 128 and N for signal N
	Packets uint64     `json:"packets,omitempty"`
	Dropped uint64     `json:"dropped,omitempty"`
	Done    bool       `json:"done,omitempty"`
}

// About says which lab a supervisor has.
type About struct {
	Name     string    `json:"name"`
	File     string    `json:"file,omitempty"`
	Hosts    []string  `json:"hosts"`
	Links    int       `json:"links"`
	Since    int64     `json:"since,string"` // nanoseconds since 1970 UTC, 0 while it is built
	Pid      int       `json:"pid"`          // of the process that is the lab
	Watcher  int       `json:"watcher_pid"`  // of the one that watches over it
	Names    []string  `json:"names,omitempty"`
	Sessions []Session `json:"sessions,omitempty"`
}

// Session is a command that runs in a host.
type Session struct {
	Host    string   `json:"host"`
	Pid     int      `json:"pid"`
	Command []string `json:"command"`
}
