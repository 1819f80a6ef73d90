package netns_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

func TestValidSysctl(t *testing.T) {
	for key, want := range map[string]bool{
		"net.mptcp.enabled":                        true,
		"net/mptcp/enabled":                        true,
		"net.ipv4.conf.eth0/100.rp_filter":         true,
		"net/ipv4/conf/eth0.100/rp_filter":         true,
		"net.ipv6.neigh.wlan0-x_y@z.mcast_solicit": true,
		"net/ipv4/conf/a:1/rp_filter":              true,

		"":                                 false,
		"net":                              false,
		"net.":                             false,
		"net..x":                           false,
		"net//x":                           false,
		"net./x":                           false,
		"net.x.":                           false,
		"net.x/":                           false,
		".net.x":                           false,
		"kernel.hostname":                  false,
		"netx.y":                           false,
		"net/../kernel/hostname":           false,
		"net/ipv4/../../kernel/hostname":   false,
		"net.ipv4.//....//kernel.hostname": false,
		"../net/mptcp/enabled":             false,
		"/proc/sys/net/mptcp/enabled":      false,
		"/etc/passwd":                      false,
		"net.mptcp.enabled\n":              false,
		"net.mptcp.enabled=1":              false,
		"net.mptcp enabled":                false,
		"net.mptcp.\x00":                   false,
		"net.mptcp.*":                      false,
	} {
		if got := netns.ValidSysctl(key); got != want {
			t.Errorf("ValidSysctl(%q) = %v, want %v", key, got, want)
		}
	}
}

func TestInvalidSysctlIsRefused(t *testing.T) {
	ns, err := netns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	const key = "net/../kernel/hostname"
	if err := ns.SetSysctl(key, "x"); err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("SetSysctl = %v, want an error that names the key", err)
	}
	if _, err := ns.Sysctl(key); err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("Sysctl = %v, want an error that names the key", err)
	}
}

func TestSysctl(t *testing.T) {
	ns, other := netnstest.New(t), netnstest.New(t)
	netnstest.Output(t, ns, "ip link add name eth0.100 type veth peer name other")
	for _, c := range []struct{ key, value, program string }{
		{"net.ipv4.ip_forward", "1", "net.ipv4.ip_forward"},
		{"net/ipv4/ip_default_ttl", "17", "net.ipv4.ip_default_ttl"},
		{"net/ipv4/conf/eth0.100/rp_filter", "2", "net/ipv4/conf/eth0.100/rp_filter"},
		{"net.ipv4.conf.eth0/100.tag", "5", "net.ipv4.conf.eth0/100.tag"},
		{"net.ipv4.ping_group_range", "0 0", "net.ipv4.ping_group_range"},
		{"net.ipv4.ip_local_reserved_ports", "80,100-200", "net.ipv4.ip_local_reserved_ports"},
		{"net.ipv4.ip_local_reserved_ports", "", "net.ipv4.ip_local_reserved_ports"},
	} {
		before, errOther := other.Sysctl(c.key)
		if err := ns.SetSysctl(c.key, c.value); err != nil {
			t.Error(err)
			continue
		}
		got, err := ns.Sysctl(c.key)
		if err != nil || strings.Join(strings.Fields(got), " ") != c.value {
			t.Errorf("Sysctl(%s) = %q, %v, want %q", c.key, got, err, c.value)
		}
		if want := strings.TrimSpace(netnstest.Output(t, ns, "sysctl -n "+c.program)); got != want {
			t.Errorf("Sysctl(%s) = %q, sysctl(8) reads %q", c.key, got, want)
		}
		if after, _ := other.Sysctl(c.key); errOther == nil && after != before {
			t.Errorf("SetSysctl(%s) changed another namespace's from %q to %q", c.key, before, after)
		}
	}
}

func TestSysctlErrors(t *testing.T) {
	ns := netnstest.New(t)
	for _, c := range []struct {
		key, value string
		errno      error
	}{
		{"net.mptcp.none", "1", unix.ENOENT},
		{"net.ipv4.conf.nope.rp_filter", "1", unix.ENOENT},
		{"net.mptcp", "1", unix.EISDIR},
		{"net.ipv4.ip_forward", "yes", unix.EINVAL},
		{"net.ipv4.ip_forward", "", unix.EINVAL},
		{"net.ipv4.ip_default_ttl", "0", unix.EINVAL},
		{"net.mptcp.scheduler", "none", unix.ENOENT},
	} {
		err := ns.SetSysctl(c.key, c.value)
		if !errors.Is(err, c.errno) || !strings.Contains(err.Error(), c.key+"="+c.value) {
			t.Errorf("SetSysctl(%q, %q) = %v, want %v that names both", c.key, c.value, err, c.errno)
		}
	}
	_, err := ns.Sysctl("net.mptcp.none")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "net.mptcp.none") {
		t.Errorf("Sysctl of no setting: %v, want fs.ErrNotExist that names it", err)
	}
}

// TestWriteOnlySysctl sets what root may write and not even root may read.
func TestWriteOnlySysctl(t *testing.T) {
	ns := netnstest.New(t)
	const key = "net.ipv4.route.flush"
	if status, err := os.Stat("/proc/sys/net/ipv4/route/flush"); err != nil || status.Mode().Perm() != 0o200 {
		t.Skipf("%s is not write-only here: %v", key, err)
	}
	if _, err := ns.Sysctl(key); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Sysctl(%s) = %v, want fs.ErrPermission", key, err)
	}
	if err := ns.SetSysctl(key, "1"); err != nil {
		t.Error(err)
	}
}
