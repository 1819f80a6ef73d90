package ipmptcp

import (
	"net/netip"
	"slices"
	"strings"

	"allroads/pathmanager"
)

// filter chooses events. Of each kind of condition one has to hold, if there are
// any. A loss passes always: what is missing could have been meant.
type filter struct {
	tokens    []pathmanager.Token
	names     []string
	addresses []netip.Addr
}

// parse reads conditions as KEY=VALUE, divided by commas.
func (f *filter) parse(conditions string) error {
	for condition := range strings.SplitSeq(conditions, ",") {
		key, value, _ := strings.Cut(condition, "=")
		switch key {
		case "token":
			token, err := pathmanager.ParseToken(value)
			if err != nil {
				return wrong(condition, "invalid token, 1 to 8 hexadecimal digits expected")
			}
			f.tokens = append(f.tokens, token)
		case "event":
			name, ok := eventName(value)
			if !ok {
				return wrong(condition, "unknown event: "+strings.Join(eventNames(), ", "))
			}
			f.names = append(f.names, name)
		case "address":
			addr, err := parseAddress(value)
			if err != nil {
				return err
			}
			f.addresses = append(f.addresses, addr.Unmap())
		default:
			return wrong(condition, "expected token=TOKEN, event=NAME or address=ADDRESS")
		}
	}
	return nil
}

func (f *filter) passes(e *pathmanager.Event) bool {
	if e.Type == pathmanager.Loss {
		return true
	}
	return (f.tokens == nil || slices.Contains(f.tokens, e.Token)) &&
		(f.names == nil || slices.Contains(f.names, e.Type.String())) &&
		(f.addresses == nil || slices.Contains(f.addresses, e.Source.Unmap()) ||
			slices.Contains(f.addresses, e.Destination.Unmap()))
}

// eventName finds an event by its name in any case, with "-" or "_".
func eventName(word string) (string, bool) {
	name := strings.ToUpper(strings.ReplaceAll(word, "-", "_"))
	return name, slices.Contains(eventNames(), name)
}

// eventNames are those that the kernel's events have.
func eventNames() (names []string) {
	for t := pathmanager.Created; t <= pathmanager.ListenerClosed; t++ {
		if name := t.String(); isKnown(t) {
			names = append(names, name)
		}
	}
	return names
}

// isKnown reports whether an event is one that this version has a name for.
func isKnown(t pathmanager.EventType) bool {
	return !strings.HasPrefix(t.String(), "UNKNOWN")
}
