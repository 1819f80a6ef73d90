package extract_test

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"allroads/internal/capture"
	"allroads/internal/extract"
	"allroads/wire"
)

// bulk writes a capture of raw IP in which a client sends megabytes over one subflow,
// every other segment too early.
func bulk(b *testing.B, megabytes int) (path string) {
	path = filepath.Join(b.TempDir(), "bulk.pcapng")
	file, err := os.Create(path)
	must(b, err)
	defer file.Close()
	w, err := capture.NewFileWriter(file, []capture.FileInterface{{Link: 101}})
	must(b, err)
	const keyA, keyB = wire.Key(1), wire.Key(2)
	at := int64(1e18)
	send := func(from byte, seq, ack uint32, flags byte, options, payload []byte) {
		for len(options)%4 != 0 {
			options = append(options, 1)
		}
		d := make([]byte, 40, 2000)
		d[0], d[8], d[9] = 0x45, 64, 6
		binary.BigEndian.PutUint16(d[2:], uint16(40+len(options)+len(payload)))
		copy(d[12:], []byte{10, 0, 0, from})
		copy(d[16:], []byte{10, 0, 0, 3 - from})
		binary.BigEndian.PutUint16(d[20:], 1000*(3-uint16(from)))
		binary.BigEndian.PutUint16(d[22:], 1000*uint16(from))
		binary.BigEndian.PutUint32(d[24:], seq)
		binary.BigEndian.PutUint32(d[28:], ack)
		d[32], d[33] = byte(5+len(options)/4)<<4, flags
		d = append(append(d, options...), payload...)
		at += 1000
		must(b, w.Write(&capture.Packet{Time: at, Data: d, Length: len(d)}))
	}
	flags := wire.FlagH
	send(1, 0, 0, 2, wire.AppendMPCapable(nil, &wire.MPCapable{Version: 1, Flags: flags}), nil)
	send(2, 0, 1, 18, wire.AppendMPCapable(nil, &wire.MPCapable{Version: 1, Flags: flags, HasSenderKey: true, SenderKey: keyB}), nil)
	send(1, 1, 1, 16, wire.AppendMPCapable(nil, &wire.MPCapable{Version: 1, Flags: flags, HasSenderKey: true, SenderKey: keyA, HasReceiverKey: true, ReceiverKey: keyB}), nil)
	base, payload := wire.V1.IDSN(keyA)+1, make([]byte, 1400)
	segment := func(n int) {
		dss := wire.DSS{HasMap: true, DSN64: true, DSN: base + uint64(n)*1400, SSN: uint32(1 + n*1400), Length: 1400}
		send(1, uint32(1+n*1400), 1, 16, wire.AppendDSS(nil, &dss), payload)
	}
	n := megabytes << 20 / 1400 &^ 1
	for i := 0; i < n; i += 2 {
		segment(i + 1)
		segment(i)
		ack := wire.DSS{HasAck: true, Ack64: true, DataAck: base + uint64(i+2)*1400}
		send(2, 1, uint32(1+(i+2)*1400), 16, wire.AppendDSS(nil, &ack), nil)
	}
	must(b, w.Close(nil))
	return path
}

// BenchmarkStream puts a long stream together, in memory that does not grow with it.
// EXTRACT_MEGABYTES says how long it is.
func BenchmarkStream(b *testing.B) {
	megabytes := 64
	if text := os.Getenv("EXTRACT_MEGABYTES"); text != "" {
		megabytes, _ = strconv.Atoi(text)
	}
	path := bulk(b, megabytes)
	if keep := os.Getenv("EXTRACT_KEEP"); keep != "" {
		must(b, os.Rename(path, keep))
		path = keep
	}
	b.SetBytes(int64(megabytes) << 20)
	for b.Loop() {
		got := int64(0)
		summary, err := extract.Stream(context.Background(), []string{path}, nil, extract.StreamOptions{Client: true}, func(p *extract.Part) error {
			got += int64(len(p.Data))
			return nil
		})
		if err != nil || got < int64(megabytes)<<20-4000 || summary.Ends[0].Bytes != got {
			b.Fatalf("%d bytes, %v", got, err)
		}
	}
}
