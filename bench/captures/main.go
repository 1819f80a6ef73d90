// Command captures makes capture files of real MPTCP traffic between two hosts of a
// lab, of any size, for comparisons of what reads them:
//
//	go run ./bench/captures -o bulk.pcapng -packets 1000000
//	go run ./bench/captures -o short.pcapng -connections 25000
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"allroads/lab"
)

// main is run again as root of a user namespace when the user is an ordinary one.
func main() { lab.Main(program(run)) }

type program func() int

func (p program) Run() int { return p() }

// plan is what a file is to hold.
type plan struct {
	path        string
	paths       int
	snapLen     int
	packets     uint64 // of one connection that sends all the time
	connections int    // short ones; 0: bulk
}

func run() int {
	var p plan
	flag.StringVar(&p.path, "o", "", "file to write (pcapng)")
	flag.IntVar(&p.paths, "paths", 2, "paths between the hosts")
	flag.IntVar(&p.snapLen, "snaplen", 120, "bytes kept of each packet; 0: all")
	flag.Uint64Var(&p.packets, "packets", 1_000_000, "how many packets of one connection")
	flag.IntVar(&p.connections, "connections", 0, "so many short connections instead")
	flag.Parse()
	if p.path == "" || flag.NArg() > 0 || p.paths < 1 || p.paths > 8 {
		flag.Usage()
		return 2
	}
	if err := p.make(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "captures:", err)
		return 1
	}
	return 0
}

// make builds the lab, has the traffic run, and writes what the client saw.
func (p *plan) make(ctx context.Context) error {
	network, err := lab.Up(ctx, p.topology(), lab.Options{})
	if err != nil {
		return err
	}
	defer network.Close()
	for _, name := range []string{"client", "server"} {
		if err := p.smallPackets(network.Host(name)); err != nil {
			return err
		}
	}
	recording, err := p.record(network.Host("client"))
	if err != nil {
		return err
	}
	if err := p.traffic(ctx, network, recording); err != nil {
		recording.stop()
		return err
	}
	return recording.stop()
}
