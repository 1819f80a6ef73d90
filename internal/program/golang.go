package program

import (
	"go/version"
	"runtime/debug"
	"strings"
)

// Go is what a program of Go says of itself.
type Go struct {
	Version string `json:"version"`          // of the toolchain: "go1.26.1"
	Module  string `json:"module,omitempty"` // path of the main module; "": it does not say

	// Godebug is what the program was built with (DefaultGODEBUG), "" when that is the
	// version's own.
	Godebug string `json:"godebug,omitempty"`

	// Multipath is what package net does by itself, without GODEBUG in the environment.
	Multipath Multipath `json:"multipath_by_default"`

	Godebugs *Verdict `json:"godebug_suffices"` // nil: not looked for (see Examine)

	dependencies []string // paths of modules
	settings     bool     // it says how it was built
	multipathtcp string   // the value that it was built with, "" when not given
}

// Multipath is what package net uses MPTCP for.
type Multipath string

// What it may be. The numbers in GODEBUG are those of net/mptcpsock.go's callers
// (package net, multipathtcp): 0 nothing, 1 both, 2 listeners, 3 dialers.
const (
	MultipathNone      Multipath = "none"
	MultipathBoth      Multipath = "both"
	MultipathListeners Multipath = "listeners"
	MultipathDialers   Multipath = "dialers"
	MultipathUnknown   Multipath = "unknown"
)

// The first versions in which GODEBUG=multipathtcp is known, and in which listeners
// use MPTCP unless a go.mod of an older version says otherwise.
const (
	goMultipath = "go1.21"
	goListeners = "go1.24"
)

// parse reads the text that `go version -m` shows, which has 16 bytes before and
// behind it.
func (g *Go) parse(text string) {
	if len(text) < 33 || text[len(text)-17] != '\n' {
		return
	}
	info, err := debug.ParseBuildInfo(text[16 : len(text)-16])
	if err != nil {
		return
	}
	g.Module, g.settings = info.Main.Path, len(info.Settings) > 0
	for _, d := range info.Deps {
		g.dependencies = append(g.dependencies, d.Path)
	}
	for _, s := range info.Settings {
		if s.Key == "DefaultGODEBUG" {
			g.Godebug = s.Value
		}
	}
	for pair := range strings.SplitSeq(g.Godebug, ",") {
		if value, found := strings.CutPrefix(pair, "multipathtcp="); found {
			g.multipathtcp = value
		}
	}
}

// knows reports whether the toolchain was of a version or newer; a version under
// development ("devel go1.27-...") counts as that.
func (g *Go) knows(first string) bool {
	word := g.Version
	if rest, found := strings.CutPrefix(word, "devel "); found {
		word, _, _ = strings.Cut(rest, "-")
	}
	word, _, _ = strings.Cut(word, " ") // what GOEXPERIMENT adds
	word, _, _ = strings.Cut(word, "-")
	return version.IsValid(word) && version.Compare(version.Lang(word), first) >= 0
}

func (g *Go) multipathByDefault() Multipath {
	if !g.knows(goMultipath) {
		return MultipathNone
	}
	switch {
	case g.multipathtcp == "0":
		return MultipathNone
	case g.multipathtcp == "1":
		return MultipathBoth
	case g.multipathtcp == "2":
		return MultipathListeners
	case g.multipathtcp == "3":
		return MultipathDialers
	case !g.knows(goListeners):
		return MultipathNone
	case !g.settings:
		return MultipathUnknown
	}
	return MultipathListeners
}
