package cli

import (
	"errors"
	"fmt"
	"net"
)

// place finds where to connect to, or to listen.
func (n *ncFlags) place(changed func(string) bool, args []string) (host, port string, err error) {
	if n.listen && changed("source-port") { // As traditional netcats have it.
		args = append(args[:len(args):len(args)], n.sourcePort)
	}
	switch {
	case n.listen && len(args) == 1:
		return "", args[0], nil
	case len(args) == 2:
		return args[0], args[1], nil
	case n.listen && len(args) == 0:
		return "", "", errors.New("a PORT to listen on is missing")
	case len(args) > 2:
		return "", "", fmt.Errorf("unexpected argument %q", args[2])
	}
	return "", "", errors.New("HOST and PORT are what to connect to")
}

// check finds what cannot be meant.
func (n *ncFlags) check(changed func(string) bool) error {
	conflicts := []struct {
		wrong bool
		text  string
	}{
		{n.v4 && n.v6, "-4 and -6: one or the other"},
		{n.keepOpen && !n.listen, "-k without -l: only who listens can take several connections"},
		{changed("max-conns") && !n.keepOpen, "-m without -k: it is about several connections"},
		{n.max < 0 || n.subflows < 0, "a number below 0"},
		{changed("sh-exec") && changed("exec"), "-c and -e: one or the other"},
		{n.sendOnly && n.recvOnly, "--send-only and --recv-only: one or the other"},
		{n.listen && changed("source"), "-s with -l: give the address to listen on as HOST"},
		{n.listen && n.zero, "-z with -l: only a connection to somebody can be tried"},
		{n.zero && n.subflows > 0, "--subflows with -z: further subflows need bytes that are sent"},
		{n.listen && changed("race"), "--race with -l: only who connects can choose where from"},
		{changed("race") && (changed("source") || changed("source-port")), "--race with -s or -p: one or the other"},
		{changed("idle-timeout") && n.idle.Duration == 0, "-i 0: not a time above 0"},
		{changed("keepalive") && n.keepAlive.Duration == 0, "--keepalive 0: not a time above 0"},
	}
	for _, c := range conflicts {
		if c.wrong {
			return errors.New(c.text)
		}
	}
	return nil
}

func lookupPort(text string) (uint16, error) {
	port, err := net.LookupPort("tcp", text)
	if err != nil {
		return 0, fmt.Errorf("%q: not a port from 0 to 65535, nor the name of one", text)
	}
	return uint16(port), nil
}
