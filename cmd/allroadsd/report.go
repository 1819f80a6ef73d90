package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// report is a line of `allroadsd hook`, as JSON.
type report struct {
	Hook    string   `json:"hook"` // works, attached, detached, left (pinned, and programs there), unpinned
	Version int      `json:"version"`
	Cgroup  string   `json:"cgroup,omitempty"` // directory
	Pinned  bool     `json:"pinned,omitempty"`
	IPv6    *bool    `json:"ipv6,omitempty"`    // whether sockets of AF_INET6 are converted
	Cleaned []string `json:"cleaned,omitempty"` // cgroups that killed processes had left
	Counts  *tally   `json:"counts,omitempty"`
}

// tally are calls of socket(2) since the hook was attached.
type tally struct {
	Seen      uint64 `json:"seen"`      // for TCP, in the cgroup
	Converted uint64 `json:"converted"` // of those, made MPTCP
	Missed    uint64 `json:"missed"`    // of the whole host, and for any socket: passed the hook by
}

func say(out io.Writer, r report) error {
	r.Version = 1
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}
