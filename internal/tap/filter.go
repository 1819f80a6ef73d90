package tap

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"allroads/internal/capture"
)

// filterWords is all there is to say in a filter.
const filterWords = "tcp, port N, host ADDRESS, net PREFIX, joined by and; or none"

// ParseFilter reads a filter: conditions that are joined by "and" and all have to
// hold; or "none", which passes everything.
//
//	tcp            TCP over IPv4 or IPv6, fragments included
//	port N         TCP from or to this port
//	host ADDRESS   from or to this IPv4 or IPv6 address
//	net PREFIX     from or to an address in this prefix, 10.1.0.0/16
func ParseFilter(text string) (f capture.Filter, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return f, errors.New("an empty filter: say " + filterWords)
	}
	if len(words) == 1 && words[0] == "none" {
		return f, nil
	}
	for {
		if words, err = parseCondition(&f, words); err != nil {
			return capture.Filter{}, err
		}
		if len(words) == 0 {
			return f, checkPossible(f)
		}
		if words[0] != "and" {
			return capture.Filter{}, fmt.Errorf("%q, where \"and\" or the end was expected%s", words[0], hintBehind(words[0]))
		}
		words = words[1:]
	}
}

// parseCondition takes a condition off the words.
func parseCondition(f *capture.Filter, words []string) (rest []string, err error) {
	if len(words) == 0 {
		return nil, errors.New("nothing behind \"and\"")
	}
	if words[0] == "tcp" {
		f.TCP = true
		return words[1:], nil
	}
	var take func(*capture.Filter, string) error
	switch words[0] {
	case "port":
		take = takePort
	case "host":
		take = takeHost
	case "net":
		take = takeNet
	default:
		return nil, fmt.Errorf("unknown word %q%s", words[0], hint(words[0]))
	}
	if len(words) == 1 {
		return nil, fmt.Errorf("nothing behind %q", words[0])
	}
	return words[2:], take(f, words[1])
}

func takePort(f *capture.Filter, word string) error {
	port, err := strconv.ParseUint(word, 10, 16)
	if err != nil || port == 0 {
		return fmt.Errorf("port %s: not a number from 1 to 65535", word)
	}
	f.Ports = append(f.Ports, uint16(port))
	return nil
}

func takeHost(f *capture.Filter, word string) error {
	address, err := netip.ParseAddr(word)
	if err != nil || address.Zone() != "" {
		if _, err := netip.ParsePrefix(word); err == nil {
			return fmt.Errorf("host %s: not an address: did you mean net %s?", word, word)
		}
		return fmt.Errorf("host %s: not an IPv4 or IPv6 address", word)
	}
	address = address.Unmap()
	f.Hosts = append(f.Hosts, netip.PrefixFrom(address, address.BitLen()))
	return nil
}

func takeNet(f *capture.Filter, word string) error {
	prefix, err := netip.ParsePrefix(word)
	switch {
	case err != nil:
		if _, err := netip.ParseAddr(word); err == nil {
			return fmt.Errorf("net %s: no length: did you mean host %s?", word, word)
		}
		return fmt.Errorf("net %s: not a prefix such as 10.1.0.0/16 or 2001:db8::/32", word)
	case prefix.Addr().Is4In6():
		return fmt.Errorf("net %s: say it as IPv4", word)
	case prefix != prefix.Masked():
		return fmt.Errorf("net %s: bits behind the prefix: did you mean net %s?", word, prefix.Masked())
	}
	f.Hosts = append(f.Hosts, prefix)
	return nil
}

// checkPossible refuses what no packet can fulfil, with its two ends.
func checkPossible(f capture.Filter) error {
	if len(slices.Compact(slices.Sorted(slices.Values(f.Ports)))) > 2 {
		return errors.New("more than two ports: a packet has two, and each has to be one of them")
	}
	var hosts []netip.Addr
	for _, h := range f.Hosts {
		if h.Addr().Is6() != f.Hosts[0].Addr().Is6() {
			return errors.New("addresses of IPv4 and of IPv6: no packet has both")
		}
		if h.IsSingleIP() && !slices.Contains(hosts, h.Addr()) {
			hosts = append(hosts, h.Addr())
		}
	}
	if len(hosts) > 2 {
		return errors.New("more than two hosts: a packet has two, and each has to be one of them")
	}
	return nil
}
