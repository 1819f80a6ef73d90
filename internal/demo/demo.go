// Package demo is the main job from end to end: it builds a network of two
// paths, sends over Multipath TCP, and proves from packets that both carried
// the data.
package demo

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"allroads/examples"
	"allroads/lab"
	"allroads/trace"
)

// Options say what a demo does beside its main job.
type Options struct {
	Topology *lab.Topology // nil: the example two-paths
	Pcap     io.Writer     // where the packets go as pcapng, nil: nowhere
	Bulk     time.Duration // send as much as goes through for so long, 0: two messages
	Keep     bool          // leave the hosts up
	Observer Observer

	test testOptions
}

// testOptions are what tests need to see the demo fail.
type testOptions struct {
	ringBytes int           // of the capture, 0: its default
	wait      time.Duration // for the second subflow, 0: as long as it may take
	hold      chan struct{} // packets are not read before it is closed, nil: at once
}

// Observer is told what happens while it happens. Its functions may be nil.
type Observer struct {
	Step     func(command string) // something was done that this shell command does too
	Progress func(Progress)       // how far the bulk transfer is
}

// Result is what a demo found out. It is the documented JSON of `allroads demo`.
type Result struct {
	Schema        string        `json:"schema"`
	Proven        bool          `json:"proven"`  // the demo showed what it is for
	Verdict       string        `json:"verdict"` // in one line
	Topology      *lab.Topology `json:"topology"`
	Commands      []string      `json:"commands"` // that do the same
	Times         Times         `json:"times"`
	Transfer      Transfer      `json:"transfer"`
	Packets       []Packet      `json:"packets"`
	PacketsHidden uint64        `json:"packets_hidden"` // in the middle, left out of packets
	Bulk          *Bulk         `json:"bulk,omitempty"`
	Kept          *lab.Kept     `json:"kept,omitempty"`
	Report        *trace.Report `json:"report"`
}

// Schema names the form of Result; a change that would break a reader changes
// its number.
const Schema = "allroads.demo/1"

// Times are how long the demo took, in nanoseconds.
type Times struct {
	LabUp time.Duration `json:"lab_up"`
	Total time.Duration `json:"total"`
}

// The scenario: the server listens at every address, and the client connects to
// the one on the first path.
const (
	clientName = "client"
	serverName = "server"
	port       = 4321
	bulkRate   = lab.Rate(50e6)
)

// Run runs the demo. Whatever the outcome, the hosts are gone afterwards unless
// they were to be kept. Errors say that it could not be run; whether the packets
// prove anything is in the result's report.
func Run(ctx context.Context, o Options) (*Result, error) {
	began := time.Now()
	topology, err := topologyOf(&o)
	if err != nil {
		return nil, err
	}
	result := &Result{Schema: Schema, Topology: topology}
	step := func(command string) {
		result.Commands = append(result.Commands, command)
		if o.Observer.Step != nil {
			o.Observer.Step(command)
		}
	}
	network, err := lab.Up(ctx, topology, lab.Options{Observe: func(s lab.Step) { step(s.Command) }})
	if err != nil {
		return nil, err
	}
	defer network.Close()
	result.Times.LabUp = time.Since(began)
	if err := observe(ctx, network, &o, step, result); err != nil {
		return nil, err
	}
	result.judge()
	if o.Keep {
		if result.Kept, err = network.Keep(); err != nil {
			return nil, err
		}
	}
	result.Times.Total = time.Since(began)
	return result, nil
}

func topologyOf(o *Options) (*lab.Topology, error) {
	topology := o.Topology
	if topology == nil {
		var err error
		if topology, err = lab.Parse("two-paths.yaml", examples.TwoPaths); err != nil {
			return nil, err
		}
	}
	if o.Bulk > 0 {
		shaped := *topology
		shaped.Links = slices.Clone(topology.Links)
		for i := range shaped.Links {
			shaped.Links[i].Rate = bulkRate
		}
		topology = &shaped
	}
	return topology, nil
}

// observe captures at the client while data is transferred, and judges what was
// captured.
func observe(ctx context.Context, network *lab.Lab, o *Options, step func(string), result *Result) error {
	target, err := serverAddress(network.Topology)
	if err != nil {
		return err
	}
	var packets listing
	recorder, err := record(network, o, &packets)
	if err != nil {
		return err
	}
	step("ip netns exec " + clientName + " tcpdump -i any -w demo.pcap tcp &")
	transfer, err := converse(ctx, network, netip.AddrPortFrom(target, port), o, step)
	if err == nil {
		recorder.AwaitClose(ctx, 0)
	}
	report, recordErr := recorder.Finish()
	if err != nil {
		return err
	}
	if recordErr != nil {
		return recordErr
	}
	result.Transfer = *transfer
	result.Packets, result.PacketsHidden = packets.list()
	result.Report = report
	if o.Bulk > 0 {
		result.Bulk = measureBulk(result.Topology, report)
	}
	return nil
}

// serverAddress is the server's address on the first path from the client.
func serverAddress(t *lab.Topology) (netip.Addr, error) {
	for _, link := range t.Links {
		for i, end := range link.Ends {
			peer := link.Ends[1-i]
			if end.Host == clientName && peer.Host == serverName && len(peer.Addresses) > 0 {
				return peer.Addresses[0].Addr(), nil
			}
		}
	}
	return netip.Addr{}, fmt.Errorf("find the server: topology %s has no link from %s to an address of %s",
		t.Name, clientName, serverName)
}

// judge draws the conclusion: the packets must prove it, and what arrived must
// be what was sent.
func (r *Result) judge() {
	r.Proven, r.Verdict = r.Report.Verdict.Proven, r.Report.Verdict.String()
	if r.Proven && !r.Transfer.Identical {
		r.Proven = false
		r.Verdict = fmt.Sprintf("NOT PROVEN: the server received other bytes than were sent (%d of %d)",
			r.Transfer.Received, r.Transfer.Sent)
	}
}
