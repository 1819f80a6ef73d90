package program

import (
	"slices"
	"strings"
)

// Answer is yes, no, or unknown.
type Answer string

// The answers there are.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Verdict is an answer with its reason.
type Verdict struct {
	Answer Answer `json:"answer"`
	Why    string `json:"why"`
}

// godebugSuffices judges whether GODEBUG=multipathtcp=1 makes MPTCP sockets of all TCP
// sockets of a program, and of what it starts. What cannot be excluded is that a
// program makes system calls by code of its own, or by a function that it has in a
// variable.
func (g *Go) godebugSuffices(m *image, f *functions) *Verdict {
	if !g.knows(goMultipath) {
		return &Verdict{No, g.Version + " does not know multipathtcp, which came with Go 1.21"}
	}
	if f == nil {
		return &Verdict{Unknown, "its table of functions is not there, or not known here"}
	}
	if v := g.unsuitable(f); v != nil {
		return v
	}
	return g.judgeCalls(m)
}

// Functions that are linked only if the program may use them.
var (
	dials   = []string{"net.(*sysDialer).dialMPTCP", "net.(*sysListener).listenMPTCP"}
	starts  = []string{"syscall.forkExec", "os.StartProcess", "syscall.Exec", "syscall.StartProcess", "golang.org/x/sys/unix.Exec"}
	chooses = []string{"net.(*Dialer).SetMultipathTCP", "net.(*ListenConfig).SetMultipathTCP"}
	ignores = []string{"net.DialTCP", "net.ListenTCP"}
	foreign = []string{"runtime/cgo.init", "runtime/cgo.init.0", "x_cgo_init", "_rt0_amd64_linux_lib", "runtime/cgo.(*Handle).Value"}
)

// unsuitable finds what names of functions tell.
func (g *Go) unsuitable(f *functions) *Verdict {
	if f.has(dials...) == "" {
		return &Verdict{No, "it does not connect or listen by package net"}
	}
	if name := f.has(starts...); name != "" {
		return &Verdict{No, "it can start other programs (" + name + "), whose sockets would stay TCP"}
	}
	if name := f.has("plugin.Open", "plugin.open"); name != "" {
		return &Verdict{No, "it loads plugins, which may do anything"}
	}
	if usesC(f) {
		return &Verdict{No, "there is C in it (cgo), which makes sockets of its own: at least to ask for names"}
	}
	if name := f.has(ignores...); name != "" && !g.knows(goListeners) {
		return &Verdict{No, name + " does not look at it before Go 1.24 (golang#70500)"}
	}
	if name := f.has(chooses...); name != "" {
		return &Verdict{Unknown, "it may choose by itself (" + name + ")"}
	}
	return nil
}

func usesC(f *functions) bool {
	found := f.has(foreign...) != ""
	for _, prefix := range []string{"_cgo_", "runtime/cgo.", "net._C2func_", "net._Cfunc_"} {
		f.each(prefix, func(string) { found = true })
	}
	return found
}

// Functions by which sockets are made, and those by which anything is called. Package
// net makes its sockets through a variable, and so is no direct caller.
var (
	socketCalls = []string{"syscall.Socket", "syscall.socket", "golang.org/x/sys/unix.Socket", "golang.org/x/sys/unix.socket"}
	systemCalls = []string{
		"syscall.Syscall", "syscall.Syscall6", "syscall.RawSyscall", "syscall.RawSyscall6",
		"golang.org/x/sys/unix.Syscall", "golang.org/x/sys/unix.Syscall6", "golang.org/x/sys/unix.RawSyscall",
		"golang.org/x/sys/unix.RawSyscall6", "golang.org/x/sys/unix.SyscallNoError", "golang.org/x/sys/unix.RawSyscallNoError",
		"syscall.rawSyscallNoError", "internal/runtime/syscall/linux.Syscall6", "internal/runtime/syscall.Syscall6", "runtime/internal/syscall.Syscall6",
	}
)

// judgeCalls looks at who calls them.
func (g *Go) judgeCalls(m *image) *Verdict {
	if !m.canFollow() {
		return &Verdict{Unknown, "calls are not followed in code of this machine"}
	}
	if g.Module == "" && len(g.dependencies) == 0 && !g.settings {
		return &Verdict{Unknown, "it does not say of which modules it is made"}
	}
	l := m.linked()
	if l == nil {
		return &Verdict{Unknown, "its table of functions cannot be read"}
	}
	var caller, called string
	targets := l.find(slices.Concat(socketCalls, systemCalls)...)
	for _, c := range m.text() {
		m.eachCall(c, targets, func(at int, name string) {
			if by := l.at(c.addr + uint64(at)); caller == "" && g.isOwn(by, name) {
				caller, called = by, name
			}
		})
	}
	switch {
	case slices.Contains(socketCalls, called):
		return &Verdict{Unknown, "it makes sockets itself: " + caller + " calls " + called}
	case called != "":
		return &Verdict{Unknown, "it makes system calls itself: " + caller + " calls " + called}
	}
	return &Verdict{Yes, "package net makes all sockets that can be told from the file"}
}

// isOwn reports whether a caller is neither the standard library nor the wrapper of
// system calls that golang.org/x/sys is; that a wrapper of socket(2) is linked there
// means that somebody calls it.
func (g *Go) isOwn(caller, called string) bool {
	if strings.HasPrefix(caller, "golang.org/x/sys/") {
		return strings.HasPrefix(called, "golang.org/x/sys/unix.") && slices.Contains(socketCalls, called)
	}
	if inPackage(caller, "main") || g.Module != "" && inPackage(caller, g.Module) {
		return true
	}
	return slices.ContainsFunc(g.dependencies, func(module string) bool { return inPackage(caller, module) })
}

// inPackage reports whether a function is of a package or of one below it. A dot in
// the last element of a path is written %2e there.
func inPackage(function, path string) bool {
	i := strings.LastIndexByte(path, '/') + 1
	path = path[:i] + strings.ReplaceAll(path[i:], ".", "%2e")
	rest, found := strings.CutPrefix(function, path)
	return found && rest != "" && (rest[0] == '.' || rest[0] == '/')
}
