package ipmptcp

import (
	"slices"
	"strings"
)

// option is one of ip(8)'s options, of which a beginning is enough.
type option struct {
	name  string
	exact bool
	value string // what it is called where it is missing; "": there is none
	set   func(s *session, value string) error
}

// optionTable is in the order in which iproute2 compares: the first that matches
// is meant. Many options have no effect on its mptcp objects.
var optionTable = []option{
	{name: "-loops", value: "loop count"},
	{name: "-family", value: "family type", set: checkFamily},
	{name: "-4", exact: true}, {name: "-6", exact: true}, {name: "-0", exact: true},
	{name: "-M", exact: true}, {name: "-B", exact: true},
	{name: "-human-readable"}, {name: "-iec"}, {name: "-stats"}, {name: "-statistics"}, {name: "-details"}, {name: "-resolve"},
	{name: "-oneline", set: func(s *session, _ string) error { s.style.oneline = true; return nil }},
	{name: "-timestamp", set: func(s *session, _ string) error { s.style.stamp = max(s.style.stamp, longStamp); return nil }},
	{name: "-tshort", set: func(s *session, _ string) error { s.style.stamp = shortStamp; return nil }},
	{name: "-force"},
	{name: "-batch", set: func(*session, string) error { return unknownOption("-batch") }},
	{name: "-brief"},
	{name: "-json", set: func(s *session, _ string) error { s.style.json = true; return nil }},
	{name: "-pretty", set: func(s *session, _ string) error { s.style.pretty = true; return nil }},
	{name: "-rcvbuf", value: "rcvbuf size", set: (*session).setBuffer},
	{name: "-help", set: func(s *session, _ string) error { return s.usage() }},
	{name: "-netns", value: "netns", set: (*session).enter},
	{name: "-Numeric"}, {name: "-all"}, {name: "-echo", exact: true},
}

// options takes the options out of a command line. Those of ip stand in front;
// an own command may have them anywhere.
func (s *session) options(args []string) (rest []string, err error) {
	for len(args) > 0 {
		word := args[0]
		switch {
		case word == "--":
			return append(rest, args[1:]...), nil
		case strings.HasPrefix(word, "-") && !s.isMonitors(word):
			if args, err = s.option(args); err != nil {
				return nil, err
			}
			continue
		case !s.native:
			return args, nil
		}
		taken := 1
		if len(rest) > 1 && matches(word, "dev") {
			taken = min(2, len(args)) // The name of a device may begin with "-".
		}
		rest, args = append(rest, args[:taken]...), args[taken:]
	}
	return rest, nil
}

// isMonitors reports whether a word is for the monitor to read.
func (s *session) isMonitors(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return s.native && (name == "--all-namespaces" || name == "--filter")
}

// option takes one option and returns what is behind it.
func (s *session) option(args []string) ([]string, error) {
	word, rest := args[0], args[1:]
	if s.native && word == "--json" {
		s.style.schema = true
		return rest, nil
	}
	if strings.HasPrefix(word, "--") {
		word = word[1:]
	}
	if when, ok := parseColor(word); ok {
		s.style.color = when
		return rest, nil
	}
	at := slices.IndexFunc(optionTable, func(o option) bool { return o.is(word) })
	if at < 0 {
		return nil, unknownOption(word)
	}
	found, value := optionTable[at], ""
	if found.value != "" {
		if len(rest) == 0 {
			return nil, found.missing()
		}
		value, rest = rest[0], rest[1:]
	}
	if found.set == nil {
		return rest, nil
	}
	return rest, found.set(s, value)
}

func (o option) is(word string) bool {
	return word == o.name || !o.exact && matches(word, o.name)
}

func (o option) missing() error {
	if o.name == "-netns" {
		return incomplete()
	}
	return required(o.value)
}

func unknownOption(word string) error {
	return &exit{`Option "` + word + `" is unknown, try "ip -help".` + "\n", codeUsage}
}

func checkFamily(_ *session, name string) error {
	if !slices.Contains([]string{"inet", "inet6", "link", "mpls", "bridge", "any"}, name) {
		return wrong(name, "invalid protocol family")
	}
	return nil
}

func (s *session) setBuffer(size string) error {
	n, ok := number(size, 32)
	if !ok {
		return &exit{"Invalid rcvbuf size '" + size + "'\n", codeUsage}
	}
	s.buffer = int(n)
	return nil
}
