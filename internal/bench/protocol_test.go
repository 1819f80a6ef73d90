package bench

import (
	"bytes"
	"encoding/json"
	"math"
	"net"
	"reflect"
	"testing"
	"time"
)

func TestMessage(t *testing.T) {
	for _, m := range []*message{
		{Type: typeStart, Params: &Params{Mode: Latency, Direction: Upload, Connections: 3, Duration: time.Second, Size: 1, Rate: 0.5}},
		{Type: typeRefuse, Busy: true, Reason: "no \x00 \u2028"},
		{Type: typeJoin, Session: "x", Index: 127},
		{Type: typeReport, Report: &Report{Lasted: 1, Incoming: []ConnectionReport{{Subflows: []Counts{{Sent: math.MaxUint64}}}}}},
	} {
		var b bytes.Buffer
		if err := writeMessage(&b, m); err != nil {
			t.Fatal(err)
		}
		got, err := readMessage(&b, maxFirst)
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%+v, %v, want %+v", got, err, m)
		}
	}
}

// TestLargestReport fits into a message.
func TestLargestReport(t *testing.T) {
	r := &Report{}
	for range MaxConnections {
		c := ConnectionReport{}
		for range 16 {
			c.Subflows = append(c.Subflows, Counts{Sent: math.MaxUint64, Acked: math.MaxUint64, Received: math.MaxUint64})
		}
		r.Incoming, r.Outgoing = append(r.Incoming, c), append(r.Outgoing, c)
	}
	text, err := json.Marshal(&message{Type: typeReport, Report: r})
	if err != nil || len(text) > maxMessage/2 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestParams(t *testing.T) {
	good := Params{Mode: Throughput, Direction: Both, Connections: 1, Duration: time.Second}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Params){
		"mode":         func(p *Params) { p.Mode = "" },
		"direction":    func(p *Params) { p.Direction = "up" },
		"none":         func(p *Params) { p.Connections = 0 },
		"too many":     func(p *Params) { p.Connections = MaxConnections + 1 },
		"negative":     func(p *Params) { p.Connections, p.Duration = 1, -1 },
		"long":         func(p *Params) { p.Duration = MaxDuration + 1 },
		"bytes":        func(p *Params) { p.Bytes = math.MaxUint64 },
		"endless":      func(p *Params) { p.Duration = 0 },
		"no size":      func(p *Params) { p.Mode = Latency },
		"large":        func(p *Params) { p.Mode, p.Size = Latency, MaxSize+1 },
		"rate":         func(p *Params) { p.Mode, p.Size, p.Rate = Latency, 1, -1 },
		"no number":    func(p *Params) { p.Mode, p.Size, p.Rate = Latency, 1, math.NaN() },
		"latency size": func(p *Params) { p.Mode, p.Size, p.Bytes = Latency, 1, 1 },
	} {
		p := good
		change(&p)
		if p.Check() == nil {
			t.Errorf("%s: %+v is taken", name, p)
		}
	}
	shared := Params{Connections: 7, Bytes: 100}
	var sum uint64
	for i := range 7 {
		sum += shared.share(i)
	}
	if sum != 100 {
		t.Errorf("shares sum up to %d", sum)
	}
}

// FuzzGreet has a server greeted by anybody.
func FuzzGreet(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.0\r\n\r\n"))
	f.Add([]byte("arbench\x02"))
	f.Add([]byte("arbench\x01\xff\xff\xff\xff{}"))
	f.Add([]byte("arbench\x01\x00\x00\x00\x02{}"))
	f.Add([]byte("arbench\x01\x00\x00\x00\x16{\"type\":\"start\",\"params\":{}}"))
	f.Add([]byte("abcdefghijklmnopqrstuvwxyz234567abcd\x00"))
	f.Fuzz(func(t *testing.T, words []byte) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			go func() { _, _ = theirs.Read(make([]byte, 1024)) }()
			_, _ = theirs.Write(words)
		}()
		m, err := greet(ours)
		ours.Close()
		if err == nil {
			if m == nil || !bytes.HasPrefix(words, preamble()) {
				t.Errorf("%q is taken", words)
			}
			if m.Params != nil && m.Params.Check() == nil && m.Params.Connections > MaxConnections {
				t.Errorf("%+v is taken", m.Params)
			}
		}
	})
}

// FuzzReadMessage takes in what the other end of a test says.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\xff\xff\xff\xff{}"))
	f.Add([]byte("\x00\x00\x00\x30{\"type\":\"report\",\"report\":{\"incoming\":[{\"gap\":1}]}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMessage(bytes.NewReader(b), 1000)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if err != nil || m.Report == nil {
			return
		}
		// Whatever a server reports, the client makes a result of it.
		c := &client{o: &Options{Params: Params{Connections: len(m.Report.Incoming), Direction: Both}}, theirs: m.Report}
		r := &Result{Test: c.o.Params, Upload: c.flow(m.Report, nil, true), Download: c.flow(nil, m.Report, false)}
		r.judge()
		_, _ = json.Marshal(r)
	})
}
