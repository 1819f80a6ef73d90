package pathmanager_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var equalAddr = cmpopts.EquateComparable(netip.Addr{})

// examples are endpoints of each kind that the kernel takes, with the words of
// ip(8) for them.
func examples(device int) map[string]pathmanager.Endpoint {
	a := netip.MustParseAddr
	return map[string]pathmanager.Endpoint{
		"10.0.0.1 id 1":                 {Addr: a("10.0.0.1"), ID: 1},
		"fd00::1 id 255":                {Addr: a("fd00::1"), ID: 255},
		"::ffff:10.0.0.9 id 9":          {Addr: a("::ffff:10.0.0.9"), ID: 9},
		"fe80::1 subflow dev dev0 id 2": {Addr: a("fe80::1"), ID: 2, Flags: pathmanager.Subflow, IfIndex: device},
		"10.0.0.2 signal id 3":          {Addr: a("10.0.0.2"), ID: 3, Flags: pathmanager.Signal},
		"10.0.0.3 subflow backup id 4":  {Addr: a("10.0.0.3"), ID: 4, Flags: pathmanager.Subflow | pathmanager.Backup},
		"10.0.0.4 subflow fullmesh dev dev0 id 5": {Addr: a("10.0.0.4"), ID: 5,
			Flags: pathmanager.Subflow | pathmanager.Fullmesh, IfIndex: device},
		"10.1.0.1 signal backup dev dev0 id 6 port 5555": {Addr: a("10.1.0.1"), ID: 6, Port: 5555,
			Flags: pathmanager.Signal | pathmanager.Backup, IfIndex: device},
		"fd00:1::1 signal id 7 port 65535": {Addr: a("fd00:1::1"), ID: 7, Port: 65535, Flags: pathmanager.Signal},
		"10.0.0.5 signal subflow id 8":     {Addr: a("10.0.0.5"), ID: 8, Flags: pathmanager.Signal | pathmanager.Subflow},
	}
}

// device makes an interface dev0 with the addresses that have ports above: the
// kernel listens on them.
func device(t testing.TB, ns *netns.NS) int {
	t.Helper()
	for _, command := range []string{
		"link add name dev0 type veth peer name dev1", "link set lo up", "link set dev0 up",
		"address add 10.1.0.1/24 dev dev0", "address add fd00:1::1/64 dev dev0 nodad",
	} {
		netnstest.Output(t, ns, "ip "+command)
	}
	return index(t, ns, "dev0")
}

func TestEndpointsBothWays(t *testing.T) {
	ns, conn := dial(t)
	for words, want := range examples(device(t, ns)) {
		for way, add := range map[string]func() error{
			"AddEndpoint": func() error { return conn.AddEndpoint(t.Context(), want) },
			"ip": func() error {
				_, err := netnstest.Run(t, ns, "ip mptcp endpoint add "+words)
				return err
			},
		} {
			must(t, conn.Flush(t.Context()), add())
			list := []pathmanager.Endpoint{want}
			if diff := cmp.Diff(list, endpoints(t, conn), equalAddr); diff != "" {
				t.Errorf("%s added by %s, Endpoints (-want +got):\n%s", words, way, diff)
			}
			if diff := cmp.Diff(list, shown(t, ns), equalAddr); diff != "" {
				t.Errorf("%s added by %s, ip (-want +got):\n%s", words, way, diff)
			}
		}
	}
}

func TestEndpointsAscend(t *testing.T) {
	ns, conn := dial(t)
	ids := []uint8{200, 3, 255, 1, 77}
	for i, id := range ids {
		must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), ID: id}))
	}
	var got []uint8
	for _, e := range endpoints(t, conn) {
		got = append(got, e.ID)
	}
	if diff := cmp.Diff([]uint8{1, 3, 77, 200, 255}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(shown(t, ns), endpoints(t, conn), equalAddr); diff != "" {
		t.Errorf("ip and Endpoints (-ip +Endpoints):\n%s", diff)
	}
}

func TestKernelChoosesIDs(t *testing.T) {
	ns, conn := dial(t)
	for i := range 4 {
		must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})}))
	}
	seen := map[uint8]bool{}
	for _, e := range endpoints(t, conn) {
		seen[e.ID] = true
	}
	if len(seen) != 4 || seen[0] {
		t.Errorf("ids %v, want four and not 0", seen)
	}
	if diff := cmp.Diff(shown(t, ns), endpoints(t, conn), equalAddr); diff != "" {
		t.Errorf("ip and Endpoints (-ip +Endpoints):\n%s", diff)
	}
}

func TestFlush(t *testing.T) {
	ns, conn := dial(t)
	limits := pathmanager.Limits{Subflows: 5, AddAddrAccepted: 3}
	must(t, conn.SetLimits(t.Context(), limits), conn.Flush(t.Context()))
	if list := endpoints(t, conn); list == nil || len(list) != 0 {
		t.Errorf("no endpoints are listed as %#v, want an empty list", list)
	}
	for i := range 5 {
		must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})}))
	}
	must(t, conn.Flush(t.Context()))
	if ours, theirs := endpoints(t, conn), shown(t, ns); len(ours)+len(theirs) != 0 {
		t.Errorf("after a flush there are %v, ip shows %v", ours, theirs)
	}
	if after, err := conn.Limits(t.Context()); err != nil || after != limits {
		t.Errorf("after a flush the limits are %+v, %v, want %+v", after, err, limits)
	}
}

// TestFull fills the table, whatever size it has, and compares the refusal.
func TestFull(t *testing.T) {
	ns, conn := dial(t)
	n := 0
	var err error
	for ; err == nil && n < 256; n++ {
		err = conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 1, byte(n)})})
	}
	if got := len(endpoints(t, conn)); err == nil || got != n-1 || got < 8 {
		t.Errorf("%d endpoints, error %v, want at least 8 and then an error", got, err)
	}
	sameWords(t, ns, err, fmt.Sprintf("10.0.1.%d", n-1))
}

// sameWords checks that ip(8) gets the same refusal for an endpoint.
func sameWords(t testing.TB, ns *netns.NS, ours error, words string) {
	t.Helper()
	_, theirs := netnstest.Run(t, ns, "ip mptcp endpoint add "+words)
	if ours == nil || theirs == nil {
		t.Errorf("%s: error %v, from ip %v, want two", words, ours, theirs)
		return
	}
	_, text, found := strings.Cut(theirs.Error(), "Error: ")
	text = strings.TrimSuffix(text, ".")
	address, _, _ := strings.Cut(words, " ")
	if want := "add endpoint " + address + ": " + text + " ("; !found || !strings.HasPrefix(ours.Error(), want) {
		t.Errorf("%s: error %q, want as from ip: %q", words, ours, want)
	}
}
