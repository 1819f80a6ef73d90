// Package fullscreen has a terminal's whole screen for a program: cells that are
// drawn and written only where they changed, and keys that are typed. The terminal
// is given back as it was at the end, also after a panic in a goroutine of Terminal.Go
// or in the one that defers Close; not after SIGKILL, or what Go cannot recover from.
//
// It knows what the terminals of the last decades have in common (ECMA-48, and
// xterm's alternate screen), and needs no terminfo.
package fullscreen
