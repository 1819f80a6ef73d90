package extract_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"allroads/internal/capture"
	"allroads/internal/extract"
	"allroads/trace"
)

// shift moves the numbers that the opener of a flow uses, in an Ethernet frame with
// IPv4 whose opener has the higher port.
func shift(b []byte, by uint32) {
	const tcp = 14 + 20
	at := tcp + 8 // the acknowledgement of the other
	if binary.BigEndian.Uint16(b[tcp:]) > binary.BigEndian.Uint16(b[tcp+2:]) {
		at = tcp + 4
	}
	binary.BigEndian.PutUint32(b[at:], binary.BigEndian.Uint32(b[at:])+by)
}

// TestReusedAddresses has the same addresses and ports used twice: each packet is of
// the connection that was there then.
func TestReusedAddresses(t *testing.T) {
	in, err := capture.OpenFile(twoPaths)
	must(t, err)
	defer in.Close()
	var all []capture.Packet
	var p capture.Packet
	var s trace.Segment
	for in.Read(&p) == nil {
		if s.Decode(&trace.Packet{Data: p.Data, Length: p.Length}) == nil {
			p.Data = bytes.Clone(p.Data)
			all = append(all, p)
		}
	}
	var out bytes.Buffer
	w, err := capture.NewFileWriter(&out, in.Interfaces())
	must(t, err)
	for again := range uint32(2) {
		for _, p := range all {
			p.Data, p.Time = bytes.Clone(p.Data), p.Time+int64(again)*1e9
			shift(p.Data, again*1_000_000)
			must(t, w.Write(&p))
		}
	}
	must(t, w.Close(nil))
	path := filepath.Join(t.TempDir(), "twice.pcapng")
	must(t, os.WriteFile(path, out.Bytes(), 0o600))
	whole, _, err := streams(t, extract.StreamOptions{}, "1", twoPaths)
	must(t, err)
	for id := 1; id <= 2; id++ {
		summary, err := extract.Packets(context.Background(), []string{path}, selector(t, fmt.Sprint(id)), extract.Options{}, &bytes.Buffer{})
		if err != nil || summary.Packets != uint64(len(all)) {
			t.Errorf("connection %d: %d packets of %d, %v", id, summary.Packets, len(all), err)
		}
		got, _, err := streams(t, extract.StreamOptions{}, fmt.Sprint(id), path)
		must(t, err)
		wantSaid(t, got, whole)
	}
}

// fragmented splits the TCP packet of an Ethernet frame with IPv4 in two.
func fragmented(b []byte, id uint16) (first, second []byte) {
	const header, cut = 14 + 20, 14 + 20 + 400
	first, second = bytes.Clone(b[:cut]), append(bytes.Clone(b[:header]), b[cut:]...)
	for i, f := range [][]byte{first, second} {
		binary.BigEndian.PutUint16(f[16:], uint16(len(f)-14))
		binary.BigEndian.PutUint16(f[18:], id)
		binary.BigEndian.PutUint16(f[20:], [2]uint16{0x2000, 400 / 8}[i])
	}
	return first, second
}

// TestFragments: later fragments come along with the first one, those of others do not.
func TestFragments(t *testing.T) {
	in, err := capture.OpenFile(twoPaths)
	must(t, err)
	defer in.Close()
	var out bytes.Buffer
	var p capture.Packet
	w, err := capture.NewFileWriter(&out, nil)
	must(t, err)
	split, wanted := 0, uint64(0)
	write := func(data []byte) { must(t, w.Write(&capture.Packet{Time: p.Time, Data: data, Length: len(data)})) }
	for in.Read(&p) == nil {
		if split == 0 && wanted == 0 {
			_, err = w.AddInterface(in.Interfaces()[0])
			must(t, err)
		}
		var s trace.Segment
		if s.Decode(&trace.Packet{Data: p.Data, Length: p.Length}) != nil {
			continue
		}
		if wanted++; len(p.Data) < 1000 {
			write(p.Data)
			continue
		}
		first, second := fragmented(p.Data, uint16(1000+split))
		_, other := fragmented(p.Data, uint16(9000+split))
		write(first)
		write(other)
		write(second)
		split++
		wanted++
	}
	must(t, w.Close(nil))
	path := filepath.Join(t.TempDir(), "fragments.pcapng")
	must(t, os.WriteFile(path, out.Bytes(), 0o600))
	summary, err := extract.Packets(context.Background(), []string{path}, nil, extract.Options{}, &bytes.Buffer{})
	if err != nil || summary.Packets != wanted || split == 0 {
		t.Errorf("%d packets, want %d with %d that were split; %v", summary.Packets, wanted, split, err)
	}
}
