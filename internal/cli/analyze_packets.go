package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"allroads/internal/extract"
	"allroads/internal/packets"
	"allroads/trace"
)

// packetList prints packets, a line each.
type packetList struct {
	*packets.Printer
	known int // interfaces
}

// list prints packets: all, or those of the connections that were asked for.
func (f *analyzeFlags) list(ctx context.Context, files []string) error {
	out := newScreen(os.Stdout)
	l := &packetList{Printer: packets.New(os.Stdout, packets.Options{Time: f.time, MPTCPOnly: f.mptcpOnly, Color: out.color})}
	each := eachPacket
	if len(f.selectors) > 0 {
		each = f.eachChosen
	}
	err := each(ctx, files, l.packet)
	if failed := l.Flush(); failed != nil {
		return failed
	}
	var notFound *extract.NotFoundError
	if errors.As(err, &notFound) {
		fmt.Fprintf(os.Stderr, "allroads: %v\n", err)
		return status(exitNo)
	}
	return err
}

func (l *packetList) packet(number uint64, in *trace.File, p *trace.Packet) error {
	if p.Interface >= l.known {
		l.known = len(in.Interfaces())
		l.Rename(interfaceNames(in.Interfaces()))
	}
	return l.Packet(number, p)
}

// eachChosen reads the files twice: which packets are of a connection is known when
// it is over.
func (f *analyzeFlags) eachChosen(ctx context.Context, files []string, visit extract.Visit) error {
	again, remove, err := extract.Spool(ctx, files)
	if err != nil {
		return badInput{err}
	}
	defer remove()
	err = extract.Each(ctx, again, f.selectors, extract.Options{TCP: f.tcp}, visit)
	if extract.IsDamage(err) {
		return badInput{err}
	}
	return err
}

func eachPacket(ctx context.Context, files []string, visit extract.Visit) error {
	file, err := trace.Open(files...)
	if err != nil {
		return badInput{err}
	}
	defer file.Close()
	var p trace.Packet
	for number := uint64(1); ; number++ {
		if err := file.Next(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return badInput{err}
		}
		if number%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := visit(number, file, &p); err != nil {
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
