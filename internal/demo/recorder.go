package demo

import (
	"allroads/internal/recorder"
	"allroads/lab"
	"allroads/trace"
)

// With bulk transfers only headers are kept, which is all that is judged; that
// is Ethernet with VLAN tag, the longest IPv4 and TCP headers, and some payload.
const bulkSnapLen = 192

// record begins to take the packets at the client, and to list them.
func record(network *lab.Lab, o *Options, packets *listing) (*recorder.Recorder, error) {
	options := recorder.Options{
		Pcap: o.Pcap, RingBytes: o.test.ringBytes, Hold: o.test.hold,
		Segment: func(s *trace.Segment, link string) { packets.add(s, link) },
	}
	if o.Bulk > 0 {
		options.SnapLen = bulkSnapLen
	}
	return recorder.Start(network, clientName, options)
}
