package bothends_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"allroads/internal/bothends"
	"allroads/lab"
)

// TestNothingInCommon has captures of other connections, and none.
func TestNothingInCommon(t *testing.T) {
	t.Parallel()
	s := newSimulation(1)
	a, _ := s.run(200)
	_, b := newSimulation(2).run(200)
	for _, other := range []*list{{packets: b}, {}} {
		r, err := bothends.Compare(t.Context(), &list{packets: a}, other, bothends.Options{TCP: true})
		if !errors.Is(err, bothends.ErrNothingInCommon) || r == nil || len(r.Subflows) > 0 || len(r.Unmatched) == 0 || r.Clock.Known {
			t.Errorf("%v: %+v", err, r)
		}
	}
}

// TestDamage: what was read before counts, and the result says so.
func TestDamage(t *testing.T) {
	t.Parallel()
	a, b := newSimulation(3).run(200)
	broken := errors.New("the disk is on fire")
	r, err := bothends.Compare(t.Context(), &list{packets: a}, &list{packets: b[:len(b)/2], err: broken}, bothends.Options{TCP: true})
	must(t, err)
	if !strings.Contains(r.Server.Damage, "on fire") || r.Client.Damage != "" || len(r.Notes) == 0 || len(r.Subflows) != 1 {
		t.Errorf("%+v", r)
	}
	for _, w := range []bothends.Way{r.Subflows[0].ToServer, r.Subflows[0].ToClient} {
		if w.Outside == 0 {
			t.Errorf("%+v", w)
		}
	}
}

// TestCancelled ends when its context does.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	a, b := newSimulation(4).run(3000)
	if _, err := bothends.Compare(ctx, &list{packets: a}, &list{packets: b}, bothends.Options{}); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Error(err)
	}
}

// TestInjectedReset: a RST that only the client saw was not the server's.
func TestInjectedReset(t *testing.T) {
	t.Parallel()
	s := newSimulation(5)
	a, b := s.run(400)
	forged := s.packet(a[len(a)/2].Time+1, 1, 0x14, s.seq(1, 1000), s.seq(0, 0), nil, nil)
	a = append(a[:len(a)/2+1:len(a)/2+1], append([]packetOf{forged}, a[len(a)/2+1:]...)...)
	r := compareLists(t, a, b)
	if len(r.Subflows) != 1 || strings.Join(found(&r.Subflows[0]), " ") != "reset_injected to_client" {
		t.Fatalf("%+v", r.Subflows)
	}
	if c := r.Subflows[0].Changes[0]; c.First.Client != uint64(len(a)/4+1) && c.First.Client == 0 || c.First.Server != 0 {
		t.Errorf("%+v", c)
	}
}

// TestSegmentation: large packets at the sender, cut or joined on the way, are
// matched by their bytes.
func TestSegmentation(t *testing.T) {
	t.Parallel()
	for _, six := range []bool{false, true} {
		text := paths("", "")
		address := "10.0.1.2:4321"
		if six {
			text = strings.NewReplacer("[10.0.1.1/24]", `["fd00:1::1/64"]`, "[10.0.1.2/24]", `["fd00:1::2/64"]`, "[10.0.2.1/24]", `["fd00:2::1/64"]`,
				"[10.0.2.2/24]", `["fd00:2::2/64"]`, "address: 10.0.2.1", `address: "fd00:2::1"`).Replace(text)
			address = "[fd00:1::2]:4321"
		}
		for _, old := range []string{", delay: 10ms", ", delay: 30ms", ", delay: 5ms", ", delay: 15ms"} {
			text = strings.ReplaceAll(text, old, "")
		}
		network := plain(t, text)
		files := both(t, network, func() { exchange(t, network, address, random(3_000_000)) })
		r := compareFiles(t, files[0], files[1], bothends.Options{})
		if len(r.Subflows) == 0 || r.Verdict != "nothing between the ends changed anything" {
			t.Fatalf("%d subflows, %q, %+v", len(r.Subflows), r.Verdict, r.Unmatched)
		}
		for i := range r.Subflows {
			for _, w := range []bothends.Way{r.Subflows[i].ToServer, r.Subflows[i].ToClient} {
				if w.Sent.Bytes != w.Arrived.Bytes || w.Lost.Bytes+w.Extra.Bytes > 0 || w.Compared < w.Sent.Bytes*9/10 {
					t.Errorf("%+v", w)
				}
			}
		}
		if w := r.Subflows[0].ToServer; w.Largest[0] < 3000 {
			t.Errorf("no large packets: %v", w.Largest)
		}
	}
}

// plain is a lab whose links are the kernel's own, with segmentation offload.
func plain(t *testing.T, text string) *lab.Lab {
	t.Helper()
	topology, err := lab.Parse("plain.yaml", []byte(text))
	must(t, err)
	return lab.Start(t, lab.Value(topology))
}

// TestWrite: the text names what the result has, within the width.
func TestWrite(t *testing.T) {
	t.Parallel()
	a, b := newSimulation(6).run(500)
	r := compareLists(t, a, b)
	var out bytes.Buffer
	must(t, r.Write(&out, 80))
	for _, want := range []string{r.Verdict[:20], "clocks:", "subflow 1:", "to server", "to client"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 101 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}
