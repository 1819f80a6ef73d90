package watch

// Connections is the part of a report that says what became of sockets of MPTCP.
//
// Each socket is in one of Connected, Failed, Listening, Unconnected or Unknown, but for
// one that connected several times: it is as many of Connected. What is Unknown of
// listeners and of processes comes on top.
type Connections struct {
	Sockets int `json:"sockets"` // that were watched, or were to be

	// Connected is how many connections were made, MPTCP or FallenBack, from this end.
	Connected  int        `json:"connected"`
	MPTCP      int        `json:"mptcp"`
	FallenBack int        `json:"fallen_back"`
	Causes     []Cause    `json:"fallback_causes"` // adds up to FallenBack
	Subflows   []Subflows `json:"subflows"`        // adds up to MPTCP

	Failed      int `json:"failed"`      // a connect() did not succeed, and none after it
	Unconnected int `json:"unconnected"` // open, and neither connected nor listening so far

	Listening int      `json:"listening"` // listen, or did
	Accepted  Accepted `json:"accepted"`

	// Bytes are payload of connections that are MPTCP, as last seen: more may have
	// followed. Before Linux 6.5 the kernel does not tell.
	Bytes Bytes `json:"bytes_seen"`

	Unknown []Unknown `json:"unknown"`
}

// Accepted are connections that came to listeners, as far as they were seen: who came
// and went between two looks was not.
type Accepted struct {
	MPTCP      int        `json:"mptcp"`
	FallenBack int        `json:"fallen_back"` // began as MPTCP
	TCP        int        `json:"tcp"`         // of peers without MPTCP, or behind something that takes it out
	Subflows   []Subflows `json:"subflows"`    // adds up to MPTCP
}

// Subflows says how many connections had a number of subflows: the most that were seen
// established at once, the initial one among them. It is 0 when none was
// seen so, though the connection was MPTCP.
type Subflows struct {
	Subflows    int `json:"subflows"`
	Connections int `json:"connections"`
}

// Cause is why connections fell back to TCP.
type Cause struct {
	Cause string `json:"cause"` // as mptcp.FallbackCause has it, "cause unknown" included
	Count int    `json:"count"`
}

// Bytes are payload, each byte once whatever subflow carried it.
type Bytes struct {
	Sent     uint64 `json:"sent"`
	Received uint64 `json:"received"`
}

// Unknown is how many sockets were not seen to become anything, and why not.
type Unknown struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}
