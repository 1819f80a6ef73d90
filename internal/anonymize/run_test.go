package anonymize

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/capture"
	"allroads/trace"
	"allroads/wire"
)

// TestLeftAway: whatever is not understood is left away, and counted.
func TestLeftAway(t *testing.T) {
	packets := whole(wire.V1, false, true).packets
	tcp := len(packets)
	arp := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6}, "who has 10.1.2.3, tell 10.1.2.4"...)
	udp := bytes.Clone(packets[0].Data)
	udp[23] = 17
	icmp := bytes.Clone(packets[0].Data)
	icmp[23] = 1
	later := bytes.Clone(packets[0].Data)
	later[21] = 8
	short := packets[0].Data[:40]
	routed := slices.Concat(make([]byte, 12), []byte{0x86, 0xdd}, in6([]byte{6, 2, 3, 0, 15: 1, 23: 2}, 43)(packets[0].Data[34:]))
	cases := []struct {
		data  []byte
		count func(*Result) uint64
	}{
		{arp, func(r *Result) uint64 { return r.NotTCP }},
		{udp, func(r *Result) uint64 { return r.NotTCP }},
		{icmp, func(r *Result) uint64 { return r.NotTCP }},
		{later, func(r *Result) uint64 { return r.Fragments }},
		{short, func(r *Result) uint64 { return r.Cut }},
		{routed, func(r *Result) uint64 { return r.Unreadable }}, // of a type that is not known
	}
	for i, c := range cases {
		at := trace.Packet{Time: packets[0].Time, Data: c.data, Length: 100}
		file := fileOf(t, append(slices.Clone(packets), at), []trace.Interface{{LinkType: 1}})
		out, result := anonymized(t, Options{}, file)
		if c.count(result) != 1 || result.Packets != uint64(tcp+1) || result.Written != uint64(tcp) || result.LeftAway() != 1 {
			t.Errorf("case %d: %+v", i, result)
		}
		if len(written(t, out)) != tcp {
			t.Errorf("case %d: %d packets in the file", i, len(written(t, out)))
		}
	}
	file := fileOf(t, append(slices.Clone(packets), trace.Packet{Time: packets[0].Time, Interface: 1, Data: arp, Length: 100}),
		[]trace.Interface{{LinkType: 1}, {LinkType: 147}})
	if _, result := anonymized(t, Options{}, file); result.LinkType != 1 || result.Written != uint64(tcp) {
		t.Errorf("link type: %+v", result)
	}
}

// TestSeveral: files are merged, and share what everything is replaced by.
func TestSeveral(t *testing.T) {
	packets, interfaces := readPackets(t, twoPaths)
	var red, blue []trace.Packet
	for _, p := range packets {
		if p.Interface == 0 {
			red = append(red, p)
		} else {
			p.Interface = 0
			blue = append(blue, p)
		}
	}
	secret := Options{Secret: []byte("several")}
	merged, result := anonymized(t, secret, fileOf(t, red, interfaces[:1]), fileOf(t, blue, interfaces[:1]))
	whole, _ := anonymized(t, secret, twoPaths)
	if result.Connections != 1 || result.Subflows != 2 {
		t.Errorf("%+v", result)
	}
	a, b := written(t, merged), written(t, whole)
	if len(a) != len(b) {
		t.Fatalf("%d packets, %d of the whole", len(a), len(b))
	}
	for i := range a {
		if a[i].Time != b[i].Time {
			t.Errorf("packet %d at %d, %d in the whole", i+1, a[i].Time, b[i].Time)
		}
	}
	if r := report(a, 2); !r.Verdict.Proven {
		t.Error(r.Verdict)
	}
	// Alone, addresses and sequence numbers are replaced by the same.
	alone, _ := anonymized(t, secret, fileOf(t, red, interfaces[:1]))
	if !bytes.Equal(written(t, alone)[0].Data, b[0].Data) {
		t.Error("the first packet alone is another one")
	}
}

// TestDamaged: what comes before the damage is written.
func TestDamaged(t *testing.T) {
	packets, interfaces := readPackets(t, twoPaths)
	whole := mustRead(t, fileOf(t, packets, interfaces))
	path := save(t, whole[:len(whole)/2])
	var out bytes.Buffer
	result, err := Run(t.Context(), []string{path}, &out, Options{})
	var damage *capture.DamageError
	if !errors.As(err, &damage) || result == nil || result.Written == 0 || result.Written != uint64(len(written(t, out.Bytes()))) {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestRefused: what cannot be read twice, or not at all.
func TestRefused(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte("no capture at all, this"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"-": "read twice", pipe: "read twice", text: "no capture file", folder: "directory", filepath.Join(folder, "none"): "no such file",
	} {
		var out bytes.Buffer
		if _, err := Run(t.Context(), []string{path}, &out, Options{}); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", path, err, out.Len())
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ended, []string{twoPaths}, &bytes.Buffer{}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestKey: a key file is made once, for its owner alone, and a short one refused.
func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	one, err := Key(path)
	if err != nil || len(one) != 32 {
		t.Fatal(one, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	if again, err := Key(path); err != nil || !bytes.Equal(one, again) {
		t.Error(again, err)
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("too short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Key(short); err == nil || !strings.Contains(err.Error(), "16 are needed") {
		t.Error(err)
	}
}

// TestDrops: what the capture lost is still known, and what nobody knows is not.
func TestDrops(t *testing.T) {
	packets, _ := readPackets(t, twoPaths)
	file := fileOf(t, packets, []trace.Interface{{LinkType: 1, Name: "eth0", Drops: 7, DropsKnown: true}, {LinkType: 1, SnapLen: 2000}})
	out, _ := anonymized(t, Options{}, file)
	_, interfaces := readPackets(t, save(t, out))
	if len(interfaces) != 2 || interfaces[0].Drops != 7 || !interfaces[0].DropsKnown || interfaces[1].DropsKnown ||
		interfaces[0].Name != "if0" || interfaces[1].Name != "if1" || interfaces[1].SnapLen != 2000 {
		t.Errorf("%+v", interfaces)
	}
}
