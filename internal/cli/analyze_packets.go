package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"allroads/internal/packets"
	"allroads/trace"
)

// list prints packets, a line each.
func (f *analyzeFlags) list(ctx context.Context, files []string) error {
	out := newScreen(os.Stdout)
	printer := packets.New(os.Stdout, packets.Options{Time: f.time, MPTCPOnly: f.mptcpOnly, Color: out.color})
	err := f.eachPacket(ctx, files, printer)
	if err := printer.Flush(); err != nil {
		return err
	}
	return err
}

func (f *analyzeFlags) eachPacket(ctx context.Context, files []string, printer *packets.Printer) error {
	file, err := trace.Open(files...)
	if err != nil {
		return badInput{err}
	}
	defer file.Close()
	var p trace.Packet
	known := 0
	for number := uint64(1); ; number++ {
		if err := file.Next(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return badInput{err}
		}
		if number%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if p.Interface >= known {
			known = len(file.Interfaces())
			printer.Rename(interfaceNames(file.Interfaces()))
		}
		if err := printer.Packet(number, &p); err != nil {
			return err
		}
	}
}

// checkEvery is after how many packets it is looked whether somebody has had enough.
const checkEvery = 1024

// interfaceNames are those that lines begin with; one without a name has its number.
func interfaceNames(interfaces []trace.Interface) (names []string) {
	for i := range interfaces {
		name := interfaces[i].Name
		if name == "" {
			name = fmt.Sprintf("#%d", i)
		}
		names = append(names, name)
	}
	return names
}
