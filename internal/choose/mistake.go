package choose

import (
	"fmt"
	"net"
	"strings"
)

// RuleError is a rule that cannot be read.
type RuleError struct {
	Option string // --only or --except
	Rule   string // as it was written
	Why    string // with what to write instead
}

func (e *RuleError) Error() string { return fmt.Sprintf("%s %q: %s", e.Option, e.Rule, e.Why) }

// mistaken finds what people write in other places.
func mistaken(text string) error {
	scheme, rest, isURL := strings.Cut(text, "://")
	_, numeric := number(strings.ReplaceAll(text, "-", ""))
	switch {
	case text == "" || text == ":":
		return fmt.Errorf("it is empty: write HOST, HOST:PORT, NETWORK/BITS or :PORT")
	case strings.ContainsAny(text, " \t\n,"):
		return fmt.Errorf("it is more than one rule: give each with an option of its own")
	case isURL:
		host, _, _ := strings.Cut(rest, "/")
		if !strings.Contains(host, ":") {
			host += ":" + scheme
		}
		return fmt.Errorf("it is a URL: write %s", host)
	case strings.HasPrefix(text, "*"), strings.HasPrefix(text, "/"):
		return fmt.Errorf("it has no host: for a port of any host write :%s", strings.TrimLeft(text, "*:/"))
	case numeric:
		return fmt.Errorf("it is a number alone: for a port of any host write :%s", text)
	case strings.Contains(text, "%"):
		return fmt.Errorf("zones are not compared: write %s", withoutZone(text))
	}
	return nil
}

func withoutZone(text string) string {
	before, zone, _ := strings.Cut(text, "%")
	if i := strings.IndexAny(zone, "]/"); i >= 0 {
		return before + zone[i:]
	}
	return before
}

// checkName sorts out what no resolver should be asked for.
func checkName(name, text string) error {
	allowed := func(r rune) bool {
		return r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0x80
	}
	if i := strings.IndexFunc(name, func(r rune) bool { return !allowed(r) }); i >= 0 {
		return fmt.Errorf("%q is neither a name nor an address", name)
	}
	if strings.Trim(name, "0123456789.") == "" {
		return fmt.Errorf("%q is no whole IPv4 address: it has four numbers from 0 to 255", name)
	}
	if _, err := net.LookupPort("tcp", name); err == nil && name == text {
		// A host may be called so, too, but then its name can be written with a dot behind.
		return fmt.Errorf("it is the name of a service: for its port write :%s, for a host of this name %q", name, name+".")
	}
	return nil
}
