package choose

import (
	"fmt"
	"strings"
)

// parsePorts reads PORT, PORT-PORT or the name of a service; "" is every port.
func (l *lookup) parsePorts(text string) (ports, error) {
	if text == "" {
		return everyPort, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	first, ok := number(from)
	last := first
	if isRange && ok {
		last, ok = number(to)
	}
	if !ok {
		return l.service(text)
	}
	const most = 65535
	switch {
	case first < 1 || first > most || last < 1 || last > most:
		return ports{}, fmt.Errorf("port %s is not from 1 to %d", text, most)
	case first > last:
		return ports{}, fmt.Errorf("range %s is empty: write %d-%d", text, last, first)
	}
	return ports{uint16(first), uint16(last)}, nil
}

func (l *lookup) service(name string) (ports, error) {
	n, err := 0, error(nil)
	if strings.Trim(name, "+-0123456789") != "" { // LookupPort reads numbers, too
		n, err = l.resolver.LookupPort(l.ctx, "tcp", name)
	}
	if err != nil || n < 1 {
		return ports{}, fmt.Errorf("%q is neither a port, nor a range of ports such as 8000-8999, nor a TCP service of /etc/services", name)
	}
	return ports{uint16(n), uint16(n)}, nil
}
