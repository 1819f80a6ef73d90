package config

import "time"

// Strategy is how the paths of a connection are managed in userspace mode.
type Strategy struct {
	Kind StrategyKind `yaml:"kind,omitempty"` // "": fullmesh
	// Subflows bounds the subflows of a connection beside the initial one; 0: 8.
	Subflows int `yaml:"subflows,omitempty"`
	// N is how many subflows ndiffports makes from the initial address in all.
	N int `yaml:"n,omitempty"`
	// Join says when a backup path is joined: at once, or when the primary is bad.
	Join Join `yaml:"join,omitempty"`
	// Bad is when a path counts as bad, and Recovered for how long it has to be good
	// again before it is taken back (0: 5 s).
	Bad       Bad           `yaml:"bad,omitempty"`
	Recovered time.Duration `yaml:"recovered,omitempty"`
}

// StrategyKind names a strategy.
type StrategyKind string

// The strategies, and the intents that people know from phones.
const (
	Fullmesh           StrategyKind = "fullmesh"             // every local to every remote address
	SinglePerInterface StrategyKind = "single-per-interface" // one subflow from each interface
	NDiffPorts         StrategyKind = "ndiffports"           // N subflows between the same addresses
	BackupPath         StrategyKind = "backup"               // standby paths
	Handover           StrategyKind = "handover"             // a second path only when the first is bad
	Interactive        StrategyKind = "interactive"          // the lowest latency first
	Aggregate          StrategyKind = "aggregate"            // all paths at once
	NoPaths            StrategyKind = "none"                 // no subflow is made
)

// Join is when a backup path is joined.
type Join string

// When.
const (
	AtOnce     Join = "at-once" // the default of backup
	WhenNeeded Join = "when-needed"
)

// Bad are the bounds of a good path; each 0 is the default.
type Bad struct {
	Stall time.Duration `yaml:"stall,omitempty"` // data is out, and nothing comes back; 0: 500 ms
	RTT   time.Duration `yaml:"rtt,omitempty"`   // smoothed; 0: no bound
	Loss  float64       `yaml:"loss,omitempty"`  // part of the segments sent again, 0 to 1; 0: no bound
}

// ShortFor lets a strategy be written as its kind alone: `strategy: handover`.
func (Strategy) ShortFor() string { return "kind" }
