package program

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/netns/netnstest"
)

// What was measured on Linux 6.18 by other means (a script of Python): options that are
// refused on a new MPTCP socket, and not on a TCP socket. The second list is of those
// that can only be read, or were refused when read.
const (
	refusedSet = `SO_OOBINLINE SO_ATTACH_FILTER SO_DETACH_FILTER SO_LOCK_FILTER SO_ATTACH_BPF SO_PEEK_OFF SO_MAX_PACING_RATE
		SO_ATTACH_REUSEPORT_CBPF SO_ATTACH_REUSEPORT_EBPF SO_CNX_ADVICE SO_ZEROCOPY SO_TXTIME SO_TXREHASH SO_RCVMARK SO_RCVPRIORITY
		TCP_USER_TIMEOUT TCP_QUICKACK TCP_SYNCNT TCP_LINGER2 TCP_WINDOW_CLAMP TCP_THIN_LINEAR_TIMEOUTS TCP_THIN_DUPACK TCP_REPAIR
		TCP_REPAIR_QUEUE TCP_REPAIR_OPTIONS TCP_REPAIR_WINDOW TCP_QUEUE_SEQ TCP_TIMESTAMP TCP_SAVE_SYN TCP_ULP TCP_TX_DELAY
		TCP_RTO_MAX_MS TCP_RTO_MIN_US TCP_DELACK_MAX_US
		IP_TTL IP_MTU_DISCOVER IP_RECVERR IP_RECVTOS IP_RECVTTL IP_RECVOPTS IP_PKTINFO IP_MINTTL IP_OPTIONS IP_UNICAST_IF
		IPV6_UNICAST_HOPS IPV6_MTU IPV6_MTU_DISCOVER IPV6_RECVERR IPV6_TCLASS IPV6_RECVTCLASS IPV6_RECVPKTINFO IPV6_FLOWLABEL_MGR
		IPV6_AUTOFLOWLABEL IPV6_ADDR_PREFERENCES IPV6_MINHOPCOUNT IPV6_UNICAST_IF IPV6_DONTFRAG`
	refusedGet = `IP_MTU TCP_SAVED_SYN TCP_ZEROCOPY_RECEIVE`
	works      = `SO_RCVBUF SO_KEEPALIVE SO_LINGER SO_TIMESTAMPNS TCP_NODELAY TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_NOTSENT_LOWAT TCP_MAXSEG
		TCP_CONGESTION TCP_FASTOPEN TCP_FASTOPEN_CONNECT TCP_INQ IP_TOS IP_FREEBIND IPV6_V6ONLY IPV6_TRANSPARENT IPV6_FREEBIND`
)

// TestProbe holds what the kernel answers against those lists.
func TestProbe(t *testing.T) {
	fates, err := Probe()
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	byName := map[string]Fate{}
	for _, f := range fates {
		byName[f.Option] = f
	}
	if len(fates) < 140 || len(byName) != len(fates) {
		t.Fatalf("%d options, %d names", len(fates), len(byName))
	}
	if !kernelIs(6, 18) || kernelIs(6, 19) {
		t.Skip("the lists are of Linux 6.18")
	}
	expect := func(names, what string, isSo func(f *Fate) bool) {
		for _, name := range strings.Fields(names) {
			f, ok := byName[name]
			if ok && strings.HasPrefix(name, "IPV6") && !f.Told() {
				continue // no IPv6 here
			}
			if !ok || !isSo(&f) {
				t.Errorf("%s: %s, want %s", name, said(&f), what)
			}
		}
	}
	expect(refusedSet, "set refused", func(f *Fate) bool { return f.Set != nil && *f.Set && f.Fails() })
	expect(refusedGet, "get refused", func(f *Fate) bool { return f.Get != nil && *f.Get && f.Fails() })
	expect(works, "set allowed", func(f *Fate) bool { return f.Set != nil && !*f.Set })
	expect(strings.Join(notOfStreams, " "), "set unknown", func(f *Fate) bool { return f.Set == nil })
	var more []string
	for _, f := range fates {
		if f.Set != nil && *f.Set && !slices.Contains(strings.Fields(refusedSet), f.Option) {
			more = append(more, f.Option)
		}
	}
	t.Logf("refused, too: %v", more)
}

func said(f *Fate) string {
	word := func(b *bool) string {
		switch {
		case b == nil:
			return "unknown"
		case *b:
			return "refused"
		}
		return "allowed"
	}
	return "set " + word(f.Set) + ", get " + word(f.Get)
}

// TestProbeSome probes those that are asked for.
func TestProbeSome(t *testing.T) {
	fates, err := Probe("TCP_USER_TIMEOUT", "no such option", "TCP_NODELAY")
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	if len(fates) != 2 || fates[0].Option != "TCP_NODELAY" || fates[0].Fails() || !fates[1].Fails() {
		t.Errorf("%+v", fates)
	}
}

func BenchmarkProbe(b *testing.B) {
	for b.Loop() {
		if _, err := Probe("TCP_USER_TIMEOUT"); err != nil {
			b.Skip(err)
		}
	}
}

func kernelIs(major, minor int) bool {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false
	}
	fields := strings.FieldsFunc(unix.ByteSliceToString(u.Release[:]), func(r rune) bool { return r < '0' || r > '9' })
	if len(fields) < 2 {
		return false
	}
	a, _ := strconv.Atoi(fields[0])
	b, _ := strconv.Atoi(fields[1])
	return a > major || a == major && b >= minor
}
