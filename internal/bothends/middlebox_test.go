package bothends_test

import (
	"slices"
	"strings"
	"testing"

	"allroads/internal/bothends"
)

// through is a client and a server with a router between them.
const through = `
name: box
hosts:
  - {name: client, routes: [{to: default, via: 10.0.1.254}]}
  - {name: server, routes: [{to: default, via: 10.0.2.254}]}
routers: [{name: box ROUTER}]
links:
  - name: near
    delay: 2ms
    ends:
      - {host: client, interface: near, addresses: [10.0.1.1/24]}
      - {host: box, interface: in, addresses: [10.0.1.254/24]}
  - name: far
    delay: 3ms
    ends:
      - {host: box, interface: out, addresses: [10.0.2.254/24]}
      - {host: server, interface: far, addresses: [10.0.2.2/24]}
    LINK
`

// found lists what was altered: kind, option and direction.
func found(s *bothends.Subflow) (all []string) {
	for _, c := range s.Changes {
		all = append(all, strings.TrimSpace(c.Kind+" "+c.Option)+" "+c.Direction)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestMiddleboxes: what a middlebox does is named, and nothing else.
func TestMiddleboxes(t *testing.T) {
	for _, test := range []struct {
		name, router, link string
		nft                string
		want               []string
		verdict            string
	}{
		{name: "none", verdict: "nothing on the way changed anything"},
		{name: "strip", link: "middlebox: [{do: strip, options: [dss], packets: later, from: server}]",
			want: []string{"option_removed DSS to_client"}, verdict: "something between the ends removes DSS in the server's packets"},
		{name: "capable", link: "middlebox: [{do: strip, options: [mp_capable], packets: syn}]",
			want: []string{"option_removed MP_CAPABLE to_server"}, verdict: "removes MP_CAPABLE in the client's packets"},
		{name: "rewrite", link: "middlebox: [{do: rewrite, find: roads, replace: ROADS, from: box}]",
			want: []string{"payload to_server"}, verdict: "alters the payload in the client's packets"},
		{name: "nat", router: ", masquerade: [out]",
			want: []string{"address_translated to_server"}, verdict: "translates the address 10.0.1.1:"},
		{name: "mss", nft: "tcp flags syn / syn,ack tcp option maxseg size set 1000",
			want: []string{"option_changed MSS to_server"}, verdict: "changes MSS in the client's packets"},
		{name: "dscp", nft: "ip saddr 10.0.2.2 ip dscp set cs1",
			want: []string{"dscp to_client"}, verdict: "changes the DSCP in the server's packets"},
		{name: "stamps", nft: "tcp flags syn reset tcp option timestamp",
			want: []string{"option_removed timestamps to_server"}, verdict: "removes timestamps in the client's packets"},
		{name: "proxy", router: ", synproxy: [4321]",
			want: []string{"sequence_shifted to_client"}, verdict: "shifts the sequence numbers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			network := build(t, strings.NewReplacer("ROUTER", test.router, "LINK", test.link).Replace(through))
			if test.nft != "" {
				rules := "table inet meddle {\nchain forward {\ntype filter hook forward priority mangle\n" + test.nft + "\n}\n}"
				command(t, network.Host("box"), "nft", rules)
			}
			files := both(t, network, func() {
				exchange(t, network, "10.0.2.2:4321", []byte(strings.Repeat("all roads lead to Rome, ", 3000)))
			})
			r := compareFiles(t, files[0], files[1], bothends.Options{TCP: true})
			if len(r.Subflows) != 1 || len(r.Unmatched) > 0 {
				t.Fatalf("%d subflows, unmatched: %+v", len(r.Subflows), r.Unmatched)
			}
			checkMeddled(t, &r.Subflows[0], test.want, test.verdict)
		})
	}
}

func checkMeddled(t *testing.T, s *bothends.Subflow, want []string, verdict string) {
	t.Helper()
	got := found(s)
	if slices.Contains(want, "sequence_shifted to_client") { // a proxy does more than that
		got = slices.DeleteFunc(got, func(s string) bool { return s != want[0] })
	}
	if !slices.Equal(got, want) || !strings.Contains(s.Verdict, verdict) {
		t.Errorf("found %v, %q; want %v, %q", got, s.Verdict, want, verdict)
	}
	for _, w := range []bothends.Way{s.ToServer, s.ToClient} {
		if w.Lost.Packets+w.Extra.Packets > 0 && len(want) != 1 {
			t.Errorf("%+v", w)
		}
		if w.Hops == nil || *w.Hops != 1 {
			t.Errorf("hops of %+v", w)
		}
	}
	for _, c := range s.Changes {
		if c.Count == 0 || c.Count > c.Of || c.First.Client+c.First.Server == 0 || c.Text == "" {
			t.Errorf("%+v", c)
		}
	}
}

// TestRefusedJoin: a middlebox answers an MP_JOIN with a RST that the server never
// sent, or drops it; the first subflow is untouched.
func TestRefusedJoin(t *testing.T) {
	for _, do := range []string{"reset", "drop"} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer("ROUTER", ", middlebox: [{do: "+do+", options: [mp_join], packets: syn}]", "LINK", "",
				"{name: client,", "{name: client, mptcp: {limits: {subflows: 2}, endpoints: [{address: 10.0.1.3, dev: near, flags: [subflow]}]},",
				"[10.0.1.1/24]", "[10.0.1.1/24, 10.0.1.3/24]", "{name: server,", "{name: server, mptcp: {limits: {subflows: 2}},").Replace(through)
			network := build(t, text)
			files := both(t, network, func() { exchange(t, network, "10.0.2.2:4321", random(20000)) })
			r := compareFiles(t, files[0], files[1], bothends.Options{})
			if len(r.Subflows) != 1 || len(found(&r.Subflows[0])) > 0 || len(r.Unmatched) == 0 {
				t.Fatalf("%+v", r)
			}
			u := r.Unmatched[0]
			if u.In != "client" || !u.Join || !u.Opened || u.From.Addr().String() != "10.0.1.3" || u.Covered == nil || !*u.Covered || (u.Answers > 0) != (do == "reset") {
				t.Errorf("%+v", u)
			}
		})
	}
}
