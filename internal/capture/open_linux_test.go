package capture

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestOpenErrors(t *testing.T) {
	a, _ := pairs(t, 2)
	for _, tt := range []struct {
		interfaces []string
		options    Options
		want       string
		errno      error
	}{
		{[]string{"a0", "eth7"}, Options{}, "capture on a0, eth7: find interface eth7: no such device (there are lo, a0, a1)", unix.ENODEV},
		{[]string{"a0", "a1", "a0"}, Options{}, "interface a0 is given twice", nil},
		{nil, Options{}, "no interface given", nil},
		{[]string{"a0"}, Options{SnapLen: -1}, "snap length -1: not within 0 to 262144", nil},
		{[]string{"a0"}, Options{SnapLen: 262145}, "snap length 262145: not within 0 to 262144", nil},
		{[]string{"a0"}, Options{RingBytes: -1}, "ring of -1 bytes: not within 0 to 1073741824", nil},
		{[]string{"a0"}, Options{RingBytes: 1<<30 + 1}, "ring of 1073741825 bytes: not within", nil},
	} {
		r, err := Open(a, tt.interfaces, tt.options)
		if err == nil {
			r.Close()
			t.Errorf("%v %+v: no error", tt.interfaces, tt.options)
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %+v: %v\nwant %v", tt.interfaces, tt.options, err, tt.want)
		}
		if tt.errno != nil && !errors.Is(err, tt.errno) {
			t.Errorf("%v: errno lost in %v", tt.interfaces, err)
		}
	}
}

func TestOpenInCallersNamespace(t *testing.T) {
	a, _ := pairs(t, 1)
	var r *Ring
	err := a.Do(func() (err error) {
		r, err = Open(nil, []string{"a0"}, Options{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	inject(t, a, "a0", filtered[0].frame)
	if packets := drain(t, r); len(packets) != 1 || !bytes.Equal(packets[0].Data, filtered[0].frame) {
		t.Errorf("captured %v", packets)
	}
}

// TestOpenWithoutEthernet tries a tun interface, whose frames are IP packets.
func TestOpenWithoutEthernet(t *testing.T) {
	ns := netnstest.New(t)
	tun, err := makeTun(ns, "tun0")
	if err != nil {
		t.Skipf("missing: tun interfaces: %v", err)
	}
	defer unix.Close(tun)
	r, err := Open(ns, []string{"tun0"}, Options{})
	if err == nil {
		r.Close()
	}
	if !errors.Is(err, ErrNotSupported) || !strings.Contains(err.Error(), "tun0 has no Ethernet frames (its link layer is ARPHRD 65534)") {
		t.Errorf("Open: %v", err)
	}
}

func makeTun(ns *netns.NS, name string) (fd int, err error) {
	err = ns.Do(func() error {
		if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
			return err
		}
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		return unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	})
	return fd, err
}

func TestOpenWithoutRights(t *testing.T) {
	netnstest.Require(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	less := data
	less[0].Effective &^= 1 << unix.CAP_NET_RAW
	if err := unix.Capset(&header, &less[0]); err != nil {
		t.Fatal(err)
	}
	r, err := Open(nil, []string{"lo"}, Options{})
	if err := unix.Capset(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	if err == nil {
		r.Close()
	}
	if !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Errorf("Open without CAP_NET_RAW: %v", err)
	}
}

// TestOpenWithoutMemory has the kernel refuse to map the ring.
func TestOpenWithoutMemory(t *testing.T) {
	ns := loopback(t)
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &old); err != nil {
		t.Fatal(err)
	}
	limit := unix.Rlimit{Cur: mapped(t) + 128<<20, Max: old.Max}
	if err := unix.Setrlimit(unix.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
	r, err := Open(ns, []string{"lo"}, Options{RingBytes: 160 << 20})
	if err := unix.Setrlimit(unix.RLIMIT_AS, &old); err != nil {
		t.Fatal(err)
	}
	if err == nil {
		r.Close()
	}
	if !errors.Is(err, unix.ENOMEM) || !strings.Contains(err.Error(), "ring of 163840 KiB") {
		t.Errorf("Open: %v", err)
	}
}

// mapped is how much address space this process uses.
func mapped(t *testing.T) uint64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var pages uint64
	for _, digit := range statm {
		if digit == ' ' {
			break
		}
		pages = pages*10 + uint64(digit-'0')
	}
	return pages * uint64(os.Getpagesize())
}

func TestExplainSocket(t *testing.T) {
	err := explainSocket(unix.EAFNOSUPPORT)
	if !errors.Is(err, ErrNotSupported) || !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("no packet sockets: %v", err)
	}
	if err := explainSocket(unix.EMFILE); !errors.Is(err, unix.EMFILE) || errors.Is(err, ErrNotSupported) {
		t.Errorf("too many files: %v", err)
	}
}

func TestBlockHoldsFrame(t *testing.T) {
	for snapLen, want := range map[int]int{1: 64 << 10, 65535: 128 << 10, MaxSnapLen: 512 << 10} {
		if got := blockSize(snapLen); got != want {
			t.Errorf("block for a snap length of %d: %d bytes, want %d", snapLen, got, want)
		}
	}
}
