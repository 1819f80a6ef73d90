package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allroads/internal/document"
)

// Expectation is a statement about what came of a scenario. In text it is a
// subject, the name of one link or step where there are several, a comparison and
// a value: "subflows == 2", "bytes red > 1MB", "gap upload < 2s". The subjects are
// those of [Subjects].
type Expectation struct {
	Subject string
	Of      string // "": the only one, or all together
	Op      string // ==, !=, <, <=, > or >=
	Value   string
}

// Subject is something that an expectation can be about.
type Subject struct {
	Name, Text string
	Of         string // what Of names: "link", "send", "run", "middlebox"; "": nothing
	Unit       Unit
}

// Unit is how a value is written.
type Unit string

// The units of values.
const (
	UnitCount    Unit = "count"    // 2
	UnitBytes    Unit = "bytes"    // as of Bytes: 10MB
	UnitDuration Unit = "duration" // as of time.Duration: 1.5s
	UnitYesNo    Unit = "yes/no"   // only with == and !=
)

// Subjects are all there are.
var Subjects = []Subject{
	{"connections", "MPTCP connections in the packets", "", UnitCount},
	{"subflows", "subflows whose handshake is complete, of all connections", "", UnitCount},
	{"paths", "links that carried data", "", UnitCount},
	{"fallbacks", "connections that went on as plain TCP", "", UnitCount},
	{"bytes", "data that all links carried, or one, in both directions", "link", UnitBytes},
	{"proven", "whether the packets prove that several paths carried all data unharmed", "", UnitYesNo},
	{"mptcp", "whether the kernel says that it is still MPTCP at the end", "send", UnitYesNo},
	{"delivered", "data that arrived", "send", UnitBytes},
	{"intact", "whether what arrived is what was sent, all of it", "send", UnitYesNo},
	{"gap", "the longest time in which nothing arrived", "send", UnitDuration},
	{"exit", "the exit code", "run", UnitCount},
	{"hits", "packets that a middlebox did something to", "middlebox", UnitCount},
}

var operators = []string{"==", "!=", "<", "<=", ">", ">="}

// ParseExpectation reads an expectation.
func ParseExpectation(text string) (Expectation, error) {
	words := strings.Fields(text)
	if len(words) == 3 {
		words = slices.Insert(words, 1, "")
	}
	if len(words) != 4 || !slices.Contains(operators, words[2]) {
		return Expectation{}, fmt.Errorf("expectation %q is not a subject, a comparison (%s) and a value, as in \"subflows == 2\"",
			text, strings.Join(operators, " "))
	}
	e := Expectation{words[0], words[1], words[2], words[3]}
	if err := e.check(); err != nil {
		return Expectation{}, fmt.Errorf("expectation %q: %w", text, err)
	}
	return e, nil
}

func (e Expectation) check() error {
	subject, ok := e.subject()
	switch {
	case !ok:
		return fmt.Errorf("unknown subject %q%s", e.Subject, document.Suggestion(e.Subject, subjectNames()))
	case e.Of != "" && subject.Of == "":
		return fmt.Errorf("%s is not of a single %q", e.Subject, e.Of)
	case subject.Unit == UnitYesNo && e.Op != "==" && e.Op != "!=":
		return fmt.Errorf("%s is yes or no: == and != only", e.Subject)
	}
	_, err := subject.Unit.Parse(e.Value)
	return err
}

func (e Expectation) subject() (Subject, bool) {
	i := slices.IndexFunc(Subjects, func(s Subject) bool { return s.Name == e.Subject })
	if i < 0 {
		return Subject{}, false
	}
	return Subjects[i], true
}

func subjectNames() (names []string) {
	for _, s := range Subjects {
		names = append(names, s.Name)
	}
	return names
}

// Parse reads a value: a number, which for durations counts nanoseconds and for
// yes/no is 1 or 0.
func (u Unit) Parse(text string) (value int64, err error) {
	switch u {
	case UnitYesNo:
		if text != "yes" && text != "no" {
			return 0, fmt.Errorf("%q is neither yes nor no", text)
		}
		return map[string]int64{"yes": 1}[text], nil
	case UnitBytes:
		bytes, err := ParseBytes(text)
		return int64(bytes), err
	case UnitDuration:
		duration, err := time.ParseDuration(text)
		return int64(duration), err
	}
	count, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return int64(count), nil
}

// Format writes a value as Parse reads it.
func (u Unit) Format(value int64) string {
	switch u {
	case UnitYesNo:
		return map[bool]string{true: "yes", false: "no"}[value != 0]
	case UnitDuration:
		return time.Duration(value).String()
	}
	return strconv.FormatInt(value, 10)
}

// Holds compares what was found with what is expected, both of the subject's unit.
func (e Expectation) Holds(found int64) bool {
	subject, _ := e.subject()
	want, err := subject.Unit.Parse(e.Value)
	if err != nil {
		return false
	}
	switch e.Op {
	case "==":
		return found == want
	case "!=":
		return found != want
	case "<":
		return found < want
	case "<=":
		return found <= want
	case ">":
		return found > want
	}
	return e.Op == ">=" && found >= want
}

// String gives the expectation as ParseExpectation reads it.
func (e Expectation) String() string {
	return strings.Join(strings.Fields(e.Subject+" "+e.Of+" "+e.Op+" "+e.Value), " ")
}

// MarshalText writes what String gives.
func (e Expectation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what ParseExpectation reads.
func (e *Expectation) UnmarshalText(text []byte) (err error) {
	*e, err = ParseExpectation(string(text))
	return err
}
