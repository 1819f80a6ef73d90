package daemon

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// place is a network namespace that a worker manages. That of allroadsd itself is never
// entered, since that takes CAP_SYS_ADMIN; the others are.
type place struct {
	name   string
	inode  uint64
	cookie uint64    // no other namespace has it until the next boot; 0: not known (before Linux 5.14)
	ns     *netns.NS // nil: the own one
}

// openPlace opens a namespace by its file; "" is the own one.
func openPlace(name, file string) (p *place, err error) {
	p = &place{name: name}
	if file == "" {
		p.inode, err = netns.Own()
	} else if p.ns, err = netns.Open(file); err == nil {
		p.inode, err = p.ns.Inode()
	}
	if err == nil {
		err = p.do(func() error { p.cookie = cookie(); return nil })
	}
	if err != nil {
		p.close()
		if errors.Is(err, os.ErrPermission) {
			err = fmt.Errorf("%w: it needs CAP_SYS_ADMIN, see \"namespaces\" of the configuration", err)
		}
		return nil, err
	}
	return p, nil
}

func (p *place) close() {
	if p.ns != nil {
		p.ns.Close()
	}
}

// do runs fn inside: the sockets that fn makes belong to the namespace.
func (p *place) do(fn func() error) error {
	if p.ns == nil {
		return fn()
	}
	return p.ns.Do(fn)
}

// cookie asks the kernel what it calls the namespace of the calling thread.
func cookie() uint64 {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		return 0
	}
	return cookie
}

// sysctl reads a setting, by a key as net.mptcp.enabled or net/ipv4/conf/eth0.5/rp_filter.
func (p *place) sysctl(key string) (value string, err error) {
	err = p.do(func() error {
		text, err := os.ReadFile(sysctlFile(key))
		value = strings.TrimSpace(string(text))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read sysctl %s: %w", key, err)
	}
	return value, nil
}

// setSysctl changes a setting, which has to be there.
func (p *place) setSysctl(key, value string) error {
	if !netns.ValidSysctl(key) {
		return fmt.Errorf("set sysctl %q: not the name of a network setting", key)
	}
	err := p.do(func() error {
		file, err := os.OpenFile(sysctlFile(key), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString(value + "\n")
		return errors.Join(err, file.Close())
	})
	if errors.Is(err, unix.EROFS) {
		return fmt.Errorf("set sysctl %s=%s: %w (a container, or ProtectKernelTunables= of the unit, keeps /proc/sys from being written)", key, value, err)
	}
	if err != nil {
		return fmt.Errorf("set sysctl %s=%s: %w", key, value, err)
	}
	return nil
}

// sysctlFile takes keys with dots between the parts, or slashes, where parts may hold dots.
func sysctlFile(key string) string {
	if !strings.HasPrefix(key, "net/") {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	return "/proc/sys/" + key
}
