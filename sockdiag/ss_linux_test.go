package sockdiag_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"

	"github.com/google/go-cmp/cmp"
)

// ssSockets is what ss prints of sockets: their fields, by name and by ends.
type ssSockets map[string]map[string]string

// ss runs ss with options, and takes apart what it prints.
func ss(t testing.TB, ns *netns.NS, options string) ssSockets {
	t.Helper()
	sockets := make(ssSockets)
	for line := range strings.Lines(netnstest.Output(t, ns, "ss -HO "+options)) {
		words := strings.Fields(line)
		fields := map[string]string{"state": words[0], "rqueue": words[1], "wqueue": words[2]}
		for _, word := range words[5:] {
			name, value, _ := strings.Cut(word, ":")
			fields[name] = value
		}
		ends := ssAddr(t, words[3]) + " " + ssAddr(t, words[4])
		if sockets[ends] != nil {
			t.Fatalf("ss prints %s twice", ends)
		}
		sockets[ends] = fields
	}
	return sockets
}

// ssAddr is an address as the library has it.
func ssAddr(t testing.TB, text string) string {
	t.Helper()
	if strings.HasSuffix(text, ":*") {
		return "any"
	}
	text = strings.Replace(text, "*:", "[::]:", 1)
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()).String()
}

var ssStates = map[mptcp.TCPState]string{mptcp.StateEstablished: "ESTAB", mptcp.StateListen: "LISTEN"}

// ssPrints is what ss is to print of fields: those that are zero it leaves out.
func ssPrints(fields map[string]any) map[string]string {
	printed := make(map[string]string)
	for name, value := range fields {
		if text := fmt.Sprint(value); text != "0" || name == "rqueue" || name == "wqueue" {
			printed[name] = text
		}
	}
	return printed
}

// ssSequence is a sequence number as this ss prints it: in hexadecimal before
// version 6.5.
func ssSequence(t testing.TB, ns *netns.NS) func(uint64) string {
	t.Helper()
	version := regexp.MustCompile(`iproute2-(\d+)\.(\d+)`).FindStringSubmatch(netnstest.Output(t, ns, "ss -V"))
	if version == nil {
		t.Fatal("ss does not tell its version")
	}
	major, _ := strconv.Atoi(version[1])
	minor, _ := strconv.Atoi(version[2])
	base := 10
	if major < 6 || major == 6 && minor < 5 {
		base = 16
	}
	return func(n uint64) string { return strconv.FormatUint(n, base) }
}

// compare holds what ss prints to what it should, in the fields of either that
// both may know.
func compare(t *testing.T, ends string, printed, want map[string]string, known ...string) {
	t.Helper()
	got := make(map[string]string)
	for name, value := range printed {
		if _, ok := want[name]; ok || strings.Contains(" "+strings.Join(known, " ")+" ", " "+name+" ") {
			got[name] = value
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-ss +sockdiag):\n%s", ends, diff)
	}
}

// TestLikeSS: connections, subflows and listeners of a quiet namespace are those
// of ss, in all that both tell.
func TestLikeSS(t *testing.T) {
	ns := here(t)
	pairs4, mapped, pairs6 := open(t, ns, 5, any4, one), open(t, ns, 3, any6, one), open(t, ns, 2, any6, one6)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, joined(20, 16))
	for range 10 {
		for _, p := range []*pairs{pairs4, mapped, pairs6} {
			if err := greet(p.fds[0], p.fds[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	time.Sleep(300 * time.Millisecond) // Until delayed acknowledgements have been sent.
	all := list(t, conn, sockdiag.Filter{Listeners: sockdiag.WithListeners})
	compareConnections(t, all, ss(t, ns, "-Mni"), ssSequence(t, ns))
	compareSubflows(t, all, ss(t, ns, "-tni"))
	compareListeners(t, all, ss(t, ns, "-Mlne"))
}
