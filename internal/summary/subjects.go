package summary

import (
	"slices"

	"allroads/trace"
)

// Subject is something that an expectation can be about. All are over the MPTCP
// connections that were chosen.
type Subject struct {
	Name, Text string
	Of         string // what Of names: "path", "direction"; "": nothing
	Unit       Unit
	Every      bool // it has to hold for every connection; else for all together

	needed  bool   // Of has to be there
	grows   bool   // what was not captured can only make it more
	empty   bool   // without any connection it is 0; else it is unknown then
	none    string // why it is unknown when no connection has it
	measure func(c *trace.Connection, e *Expectation) value
}

const (
	ofPath      = "path"
	ofDirection = "direction"
	toServer    = "to-server"
	toClient    = "to-client"
)

// value is what was found of one connection.
type value struct {
	n     float64
	whole float64 // of percentages: what n is a part of
	has   bool    // the connection has it
	more  bool    // it may be more
	why   string  // it is not known, for this reason
}

const noData = "no data was seen"

// Subjects returns all there are.
func Subjects() []Subject { return subjects }

func subjectOf(name string) *Subject {
	i := slices.IndexFunc(subjects, func(s Subject) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &subjects[i]
}

func subjectNames() (names []string) {
	for i := range subjects {
		names = append(names, subjects[i].Name)
	}
	return names
}

var subjects = []Subject{
	{Name: "connections", Unit: UnitCount, grows: true, empty: true, measure: connections,
		Text: "MPTCP connections that both ends agreed on"},
	{Name: "fallbacks", Unit: UnitCount, grows: true, measure: fallbacks,
		Text: "connections that went on as plain TCP"},
	{Name: "proven", Unit: UnitYesNo, Every: true, measure: isProven,
		Text: "whether the packets prove that several paths carried its data unharmed (`verdict` in the JSON)"},
	{Name: "verified", Unit: UnitYesNo, Every: true, measure: isVerified, none: "no subflow was established",
		Text: "whether keys, tokens and HMACs show of each established subflow that it is of its connection"},
	{Name: "version", Unit: UnitCount, Every: true, measure: version,
		Text: "the version of MPTCP, 0 or 1"},
	{Name: "subflows", Unit: UnitCount, Every: true, grows: true, measure: established,
		Text: "subflows whose handshake is complete"},
	{Name: "paths", Unit: UnitCount, Every: true, grows: true, measure: paths,
		Text: "pairs of addresses between which established subflows have delivered data"},
	{Name: "failed-joins", Unit: UnitCount, grows: true, measure: failedJoins,
		Text: "subflows beyond the first that came to nothing: refused, without an answer, answered without MP_JOIN, or never confirmed"},
	{Name: "refused-joins", Unit: UnitCount, grows: true, measure: refusedJoins,
		Text: "of the failed joins, those that the other end reset, before or right after the handshake, so that they carried no data"},
	{Name: "idle-subflows", Unit: UnitCount, measure: idleSubflows,
		Text: "established subflows that carried no new data, and were not refused, of connections that had data"},
	{Name: "share", Unit: UnitPercent, Of: ofPath, needed: true, measure: share, none: noSuchPath,
		Text: "how much of all new data, in both directions, a path carried"},
	{Name: "bytes", Unit: UnitBytes, Of: ofPath, grows: true, measure: carried, none: noSuchPath,
		Text: "new data that all subflows carried, or those of a path, in both directions"},
	{Name: "to-server", Unit: UnitBytes, grows: true, measure: bytesToServer,
		Text: "data to the servers, each byte counted once; of a connection that fell back, what came before"},
	{Name: "to-client", Unit: UnitBytes, grows: true, measure: bytesToClient,
		Text: "data to the clients, likewise"},
	{Name: "goodput", Unit: UnitRate, Of: ofDirection, Every: true, measure: rateOf,
		Text: "data per time, each byte counted once, from the first payload to the last: of a direction, or else of the one with more data"},
	{Name: "aggregation", Unit: UnitPercent, Every: true, measure: aggregation,
		Text: "goodput of the direction with more data, as a percentage of the highest that one of its subflows had while it was in use"},
	{Name: "reinjected", Unit: UnitPercent, Every: true, measure: reinjectedShare,
		Text: "data that subflows carried though it had been carried before (`reinjected` in the JSON), as a percentage of new data, in both directions"},
	{Name: "retransmitted", Unit: UnitPercent, Of: ofPath, Every: true, measure: retransmittedShare, none: noSuchPath,
		Text: "payload that TCP sent again, as a percentage of payload, in both directions of all subflows, or those of a path"},
	{Name: "loss", Unit: UnitPercent, Of: ofPath, Every: true, measure: loss, none: noSuchPath,
		Text: "segments that TCP sent again, as a percentage of segments with payload, in both directions of all subflows, or those of a path: an estimate of how many were lost"},
	{Name: "rtt", Unit: UnitDuration, Of: ofPath, Every: true, measure: rtt, none: "no round trip of data was seen there",
		Text: "the average round trip as seen from where packets were captured, of the direction in which it is longer: the longest of all subflows, or of those of a path"},
	{Name: "stall", Unit: UnitDuration, Every: true, measure: stall,
		Text: "the longest time in which data was on its way and nothing of it was acknowledged, in either direction"},
	{Name: "handovers", Unit: UnitCount, measure: handovers,
		Text: "connections with a handover: another subflow brought what was due after the one before had died"},
	{Name: "handover", Unit: UnitDuration, Every: true, measure: handover, none: "no handover was seen",
		Text: "how long data waited in the longest handover, of every connection that had one"},
	{Name: "establishment", Unit: UnitDuration, Every: true, measure: establishment,
		Text: "from the SYN to the third packet of the first handshake"},
	{Name: "second-subflow", Unit: UnitDuration, Every: true, measure: secondSubflow,
		Text: "from the first SYN until another subflow was established"},
	{Name: "buffer", Unit: UnitBytes, Every: true, measure: buffer,
		Text: "the most bytes that waited at once for data in front of them, in either direction"},
	{Name: "resets", Unit: UnitCount, grows: true, measure: resets,
		Text: "established subflows that a reset ended"},
	{Name: "aborted", Unit: UnitCount, grows: true, measure: aborted,
		Text: "connections that were cut short"},
	{Name: "middlebox-signs", Unit: UnitCount, grows: true, measure: middleboxSigns,
		Text: "signs that something on the way altered packets"},
	{Name: "bad-checks", Unit: UnitCount, grows: true, measure: badChecks,
		Text: "checks of connections and subflows that are bad"},
	{Name: "unknown-checks", Unit: UnitCount, measure: unknownChecks,
		Text: "checks of connections and subflows that the packets do not decide"},
}

const noSuchPath = "no subflow has this path or address"
