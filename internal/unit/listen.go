package unit

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// SocketVersion is the first version of systemd that knows SocketProtocol=mptcp.
const SocketVersion = 257

// CheckVersion is why a version of systemd cannot make MPTCP sockets, if it cannot.
func CheckVersion(version int) error {
	switch {
	case version == 0:
		return fmt.Errorf("%w, and which this is cannot be told: --systemd-version N says so", ErrOldSystemd)
	case version < SocketVersion:
		return fmt.Errorf("%w, this is %d: upgrade systemd, or have the service open its sockets itself and enable that", ErrOldSystemd, version)
	}
	return nil
}

// listen has systemd make the sockets of a socket unit for MPTCP.
func (d *DropIn) listen(u *Unit) error {
	internet := 0
	for _, s := range u.settings {
		if s.section != "Socket" || !strings.HasPrefix(s.key, "Listen") || s.value == "" {
			continue
		}
		if s.key != "ListenStream" || !isInternet(s.value) {
			return ErrOtherSocket
		}
		internet++
		d.of += s.value + "\n"
	}
	if internet == 0 {
		return ErrNoInternet
	}
	d.body = "[Socket]\nSocketProtocol=mptcp\n"
	return nil
}

// isInternet reports whether ListenStream= has an address, or only a port.
func isInternet(value string) bool {
	if strings.ContainsAny(value[:1], "/@%") {
		return false
	}
	return !strings.HasPrefix(value, "vsock:")
}

// Version is the version of systemd that a root directory has, read from the name of
// its library; 0 is unknown.
func Version(root string) (version int) {
	for _, pattern := range []string{"/usr/lib/systemd", "/usr/lib64/systemd", "/usr/lib/*/systemd", "/lib/systemd", "/lib/*/systemd"} {
		files, _ := filepath.Glob(filepath.Join(root, pattern, "libsystemd-shared-*.so"))
		for _, file := range files {
			number := strings.TrimPrefix(filepath.Base(file), "libsystemd-shared-")
			digits := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
			if n, err := strconv.Atoi(number[:digits]); err == nil {
				version = max(version, n)
			}
		}
	}
	return version
}

// activation says that a service gets sockets from systemd, if it does.
func (u *Unit) activation() (notes []string) {
	for _, name := range u.activators() {
		notes = append(notes, "where "+string(name)+" is in use, systemd opens its sockets for it: enable "+string(name)+" for those")
	}
	return notes
}

// activators are the socket units that start a service.
func (u *Unit) activators() (names []Name) {
	add := func(name Name) {
		if _, _, masked, err := u.tree.resolve(name); err == nil && !masked && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(u.Name.with("socket"))
	if template, _, is := u.Name.Template(); is {
		add(template.with("socket"))
	}
	if u.Name.IsTemplate() { // Accept=yes makes instances of it.
		add(Name(strings.TrimSuffix(u.Name.stem(), "@") + ".socket"))
	}
	for _, name := range u.words("Service", "Sockets") {
		add(Name(name))
	}
	return names
}
