package pathmanager_test

import (
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/nl"
	"allroads/pathmanager"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// BenchmarkAddAndList adds an endpoint and lists all, again and again, and in
// turn sends bare requests by system calls: an empty one, and the same two.
// x-bare is what ours cost, of which the kernel's work is most; empty is the least
// that any request costs. The table is emptied outside of the measurement, and
// medians are taken, because that makes the kernel wait and the next call slow.
func BenchmarkAddAndList(b *testing.B) {
	for name, ctx := range map[string]context.Context{"never cancelled": context.Background(), "cancellable": b.Context()} {
		b.Run(name, func(b *testing.B) { addAndList(b, ctx) })
	}
}

func addAndList(b *testing.B, ctx context.Context) {
	ns, conn := dial(b)
	bare := dialBare(b, ns)
	var ours, same, empty []time.Duration
	for i := 0; b.Loop(); i++ {
		n := byte(i % 4)
		if n == 0 {
			must(b, conn.Flush(ctx))
		}
		ours = append(ours, timed(func() {
			errAdd := conn.AddEndpoint(ctx, pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, n}), ID: n + 1})
			list, errList := conn.Endpoints(ctx)
			if must(b, errAdd, errList); len(list) != int(2*n)+1 {
				b.Fatalf("%d endpoints, want %d", len(list), 2*n+1)
			}
		}))
		add := bare.add([4]byte{10, 0, 1, n}, n+101)
		same = append(same, timed(func() {
			bare.command(b, add)
			bare.dump(b)
		}))
		empty = append(empty, timed(func() { bare.command(b, bare.empty) }))
	}
	b.ReportMetric(0, "ns/op") // It would count the flushes.
	b.ReportMetric(median(ours)/2, "ns/request")
	b.ReportMetric(median(same)/2, "ns/bare")
	b.ReportMetric(median(empty), "ns/empty")
	b.ReportMetric(median(ours)/median(same), "x-bare")
}

func timed(fn func()) time.Duration {
	begin := time.Now()
	fn()
	return time.Since(begin)
}

// median is in nanoseconds.
func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Nanoseconds())
}

// bare is a socket without any library.
type bare struct {
	fd     int
	family uint16
	empty  []byte
	list   []byte
	buffer []byte
}

var kernel = &unix.SockaddrNetlink{Family: unix.AF_NETLINK}

func dialBare(b *testing.B, ns *netns.NS) *bare {
	s := &bare{buffer: make([]byte, 16384)}
	must(b, ns.Do(func() error {
		generic, err := nl.DialGeneric(0)
		if err != nil {
			return err
		}
		defer generic.Close()
		family, err := generic.GetFamily("mptcp_pm")
		s.family = family.ID
		must(b, err)
		s.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
		return err
	}))
	b.Cleanup(func() { unix.Close(s.fd) })
	s.empty = message(unix.NLMSG_NOOP, unix.NLM_F_REQUEST|unix.NLM_F_ACK, nil)
	s.list = message(s.family, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, []byte{3, 1, 0, 0})
	return s
}

func message(kind, flags uint16, body []byte) []byte {
	native := binary.NativeEndian
	m := native.AppendUint16(native.AppendUint32(nil, uint32(16+len(body))), kind)
	m = native.AppendUint32(native.AppendUint16(m, flags), 1)
	return append(append(m, 0, 0, 0, 0), body...)
}

func (s *bare) add(addr [4]byte, id uint8) []byte {
	attributes := netlink.NewAttributeEncoder()
	attributes.Nested(1, func(a *netlink.AttributeEncoder) error {
		a.Uint16(1, unix.AF_INET)
		a.Bytes(3, addr[:])
		a.Uint8(2, id)
		return nil
	})
	data, _ := attributes.Encode()
	return message(s.family, unix.NLM_F_REQUEST|unix.NLM_F_ACK, append([]byte{1, 1, 0, 0}, data...))
}

func (s *bare) send(b *testing.B, m []byte) {
	must(b, unix.Sendto(s.fd, m, 0, kernel))
}

// receive returns the type of the answer and its error number.
func (s *bare) receive(b *testing.B) (kind uint16, errno int32) {
	_, _, err := unix.Recvfrom(s.fd, s.buffer, 0)
	must(b, err)
	return binary.NativeEndian.Uint16(s.buffer[4:]), int32(binary.NativeEndian.Uint32(s.buffer[16:]))
}

func (s *bare) command(b *testing.B, m []byte) {
	s.send(b, m)
	if kind, errno := s.receive(b); kind != unix.NLMSG_ERROR || errno != 0 {
		b.Fatalf("answer %d, error %d", kind, errno)
	}
}

func (s *bare) dump(b *testing.B) {
	s.send(b, s.list)
	for kind := uint16(0); kind != unix.NLMSG_DONE; {
		kind, _ = s.receive(b)
	}
}

func BenchmarkEndpoints(b *testing.B) {
	_, conn := dial(b)
	for i := range 8 {
		must(b, conn.AddEndpoint(b.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), ID: uint8(i + 1)}))
	}
	b.ReportAllocs()
	for b.Loop() {
		if list := endpoints(b, conn); len(list) != 8 {
			b.Fatalf("%d endpoints, want 8", len(list))
		}
	}
}

func BenchmarkLimits(b *testing.B) {
	_, conn := dial(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := conn.Limits(context.Background())
		must(b, err)
	}
}
