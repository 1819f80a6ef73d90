// Package cgroup makes cgroups of the unified hierarchy (version 2) for programs to
// be run in, and finds out about those that are there.
//
// A cgroup that this process holds is locked with flock(2), shared. So whoever
// cleans up knows one that somebody still needs from one that a killed process has
// left.
package cgroup
