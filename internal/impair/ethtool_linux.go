package impair

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// featureStrings is ETH_SS_FEATURES, the set of the features' names
// (include/uapi/linux/ethtool.h).
const featureStrings = 4

const maxFeatures = 256 // four times what Linux 6.18 has

// The requests of SIOCETHTOOL; a field named set or words is the last of the
// kernel's structure, whose length is in the field before it.
type (
	setInfo struct { // ethtool_sset_info
		command, _ uint32
		mask       uint64
		length     uint32
	}
	featureNames struct { // ethtool_gstrings
		command, set, length uint32
		names                [maxFeatures][32]byte
	}
	featureState struct { // ethtool_gfeatures
		command, words uint32
		states         [maxFeatures / 32]struct{ available, requested, active, neverChanged uint32 }
	}
	featureChange struct { // ethtool_sfeatures
		command, words uint32
		changes        [maxFeatures / 32]struct{ valid, requested uint32 }
	}
)

// ethtool asks the kernel about one interface of the calling thread's namespace.
type ethtool struct {
	fd   int
	name [unix.IFNAMSIZ]byte
}

func openEthtool(name string) (*ethtool, error) {
	if name == "" || len(name) >= unix.IFNAMSIZ {
		return nil, fmt.Errorf("interface %q: a name has 1 to %d characters", name, unix.IFNAMSIZ-1)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	e := &ethtool{fd: fd}
	copy(e.name[:], name)
	return e, nil
}

func (e *ethtool) close() { unix.Close(e.fd) }

// do makes a request, which is read and written in place.
func (e *ethtool) do(request unsafe.Pointer) error {
	// struct ifreq
	type ifreq struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [unsafe.Sizeof(unix.Ifreq{}) - unix.IFNAMSIZ - unsafe.Sizeof(uintptr(0))]byte
	}
	r := &ifreq{name: e.name, data: request}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(e.fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(r)))
	runtime.KeepAlive(r)
	if errno != 0 {
		return errno
	}
	return nil
}

// features returns the names of the features, by bit.
func (e *ethtool) features() ([]string, error) {
	info := &setInfo{command: unix.ETHTOOL_GSSET_INFO, mask: 1 << featureStrings}
	if err := e.do(unsafe.Pointer(info)); err != nil {
		return nil, fmt.Errorf("count features: %w", err)
	}
	if info.length > maxFeatures {
		return nil, fmt.Errorf("count features: the kernel has %d, more than %d", info.length, maxFeatures)
	}
	list := &featureNames{command: unix.ETHTOOL_GSTRINGS, set: featureStrings}
	if err := e.do(unsafe.Pointer(list)); err != nil {
		return nil, fmt.Errorf("read feature names: %w", err)
	}
	names := make([]string, info.length)
	for i := range names {
		names[i] = strings.TrimRight(string(list.names[i][:]), "\x00")
	}
	return names, nil
}

// disable turns the chosen features off, those it can.
func (e *ethtool) disable(names []string, chosen func(string) bool) error {
	change := &featureChange{command: unix.ETHTOOL_SFEATURES, words: words(names)}
	state, err := e.state(names)
	if err != nil {
		return err
	}
	for i, name := range names {
		bit := uint32(1) << (i % 32)
		// The kernel refuses a request about one that cannot change.
		if chosen(name) && state.states[i/32].available&bit != 0 {
			change.changes[i/32].valid |= bit
		}
	}
	if err := e.do(unsafe.Pointer(change)); err != nil {
		return fmt.Errorf("change features: %w", err)
	}
	return nil
}

// checkDisabled returns an error that names the chosen features still on.
func (e *ethtool) checkDisabled(names []string, chosen func(string) bool) error {
	state, err := e.state(names)
	if err != nil {
		return err
	}
	var left []string
	for i, name := range names {
		if chosen(name) && state.states[i/32].active&(1<<(i%32)) != 0 {
			left = append(left, name)
		}
	}
	if left != nil {
		return fmt.Errorf("the kernel keeps %s on", strings.Join(left, ", "))
	}
	return nil
}

func (e *ethtool) state(names []string) (*featureState, error) {
	state := &featureState{command: unix.ETHTOOL_GFEATURES, words: words(names)}
	if err := e.do(unsafe.Pointer(state)); err != nil {
		return nil, fmt.Errorf("read features: %w", err)
	}
	return state, nil
}

func words(names []string) uint32 { return uint32(len(names)+31) / 32 }
