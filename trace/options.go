package trace

// Options say what an analyzer follows besides the MPTCP connections whose start
// was captured. The zero value is these alone.
type Options struct {
	Midway bool // also connections whose start was not captured, as far as can be told
	TCP    bool // also plain TCP connections
	// Brief leaves words out: what was compared in checks that are ok, the texts of
	// conclusions and findings, and the reasons in the verdict of each connection.
	Brief bool
	// ByAddress has paths told apart by the addresses at their ends, rather than by the
	// interfaces where they were captured: for captures at one place.
	ByAddress bool
	Chart     int      // buckets of time in each chart of a subflow, even; 0: no charts
	Payload   Receiver // gets the payload of connections, unless nil
}

// Follow takes options. It is for before the first packet.
func (a *Analyzer) Follow(o Options) {
	o.Chart = (max(o.Chart, 0) + 1) &^ 1
	a.o = o
}
