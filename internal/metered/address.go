package metered

import (
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
)

// address is a Unix socket that a bus may listen at. A name that begins with @ is in the
// abstract namespace.
type address string

// addressVariable overrides where the system bus is.
const addressVariable = "DBUS_SYSTEM_BUS_ADDRESS"

// defaultAddress is where it is otherwise.
const defaultAddress = "unix:path=/run/dbus/system_bus_socket"

// systemBus lists where the system bus may be, in order.
func systemBus() []address {
	text := os.Getenv(addressVariable)
	if text == "" {
		text = defaultAddress
	}
	return parseAddresses(text)
}

// parseAddresses takes a list of addresses as the D-Bus specification has it ("Server
// Addresses"), and leaves out those that are not Unix sockets of this machine.
func parseAddresses(text string) (all []address) {
	for one := range strings.SplitSeq(text, ";") {
		keys, isUnix := strings.CutPrefix(one, "unix:")
		if !isUnix {
			continue
		}
		for pair := range strings.SplitSeq(keys, ",") {
			key, escaped, _ := strings.Cut(pair, "=")
			value, err := dbus.UnescapeBusAddressValue(escaped)
			switch {
			case err != nil || value == "":
			case key == "path":
				all = append(all, address(value))
			case key == "abstract":
				all = append(all, address("@"+value))
			}
		}
	}
	return all
}
