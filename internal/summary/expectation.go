package summary

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Expectation is a statement about what the packets of a capture say, in the
// language of scenarios (package lab): a subject, where there are several the path or
// direction it is about, a comparison and a value: "subflows >= 2", "share red > 20%".
type Expectation struct {
	Subject string
	Of      string // "": all together
	Op      string // ==, !=, <, <=, > or >=
	Value   string
	want    float64
}

var operators = []string{"==", "!=", "<=", ">=", "<", ">"} // longer ones first

// Shorthand stands for an expectation that is wanted often.
type Shorthand struct{ Word, For string }

// Shorthands returns all there are.
func Shorthands() []Shorthand {
	return []Shorthand{
		{"no-fallback", "fallbacks == 0"}, {"no-middlebox", "middlebox-signs == 0"},
		{"proven", "proven == yes"}, {"verified", "verified == yes"},
	}
}

// ParseExpectation reads an expectation. Spaces around the comparison may be left
// out, and what a subject is of may be in brackets: "share(10.0.1.2)>20%".
func ParseExpectation(text string) (Expectation, error) {
	e, err := parse(text)
	if err != nil {
		return Expectation{}, fmt.Errorf("expectation %q: %w", text, err)
	}
	return e, nil
}

func parse(text string) (Expectation, error) {
	for _, short := range Shorthands() {
		if strings.TrimSpace(text) == short.Word {
			text = short.For
		}
	}
	at := strings.IndexAny(text, "=!<>")
	if at < 0 {
		return Expectation{}, errForm
	}
	i := slices.IndexFunc(operators, func(op string) bool { return strings.HasPrefix(text[at:], op) })
	if i < 0 {
		return Expectation{}, errForm
	}
	e := Expectation{Op: operators[i]}
	if err := e.name(text[:at]); err != nil {
		return Expectation{}, err
	}
	e.Value = strings.Join(strings.Fields(text[at+len(e.Op):]), "")
	return e, e.check()
}

var errForm = errors.New("not a subject, a comparison (== != <= >= < >) and a value, as in \"subflows >= 2\"")

// name reads the subject and what it is of.
func (e *Expectation) name(text string) error {
	text = strings.TrimSpace(text)
	if inner, bracketed := strings.CutSuffix(text, ")"); bracketed {
		text = strings.Replace(inner, "(", " ", 1)
	}
	words := strings.Fields(text)
	switch {
	case strings.ContainsAny(text, "()"):
		return errForm
	case len(words) == 1:
		e.Subject = words[0]
	case len(words) == 2:
		e.Subject, e.Of = words[0], words[1]
	default:
		return errForm
	}
	return nil
}

func (e *Expectation) check() (err error) {
	s := subjectOf(e.Subject)
	switch {
	case s == nil:
		return fmt.Errorf("unknown subject %q: there are %s", e.Subject, strings.Join(subjectNames(), ", "))
	case e.Of != "" && s.Of == "":
		return fmt.Errorf("%s is not of a single %q", e.Subject, e.Of)
	case e.Of == "" && s.needed:
		return fmt.Errorf("%s of which %s? as in \"%s 10.0.1.2 > 20%%\"", e.Subject, s.Of, e.Subject)
	case s.Of == ofDirection && e.Of != "" && e.Of != toServer && e.Of != toClient:
		return fmt.Errorf("%q is not a direction: %s or %s", e.Of, toServer, toClient)
	case s.Unit == UnitYesNo && e.Op != "==" && e.Op != "!=":
		return fmt.Errorf("%s is yes or no: == and != only", e.Subject)
	case e.Value == "":
		return errors.New("there is no value behind the comparison")
	}
	e.want, err = s.Unit.parse(e.Value)
	return err
}

// String gives the expectation as ParseExpectation reads it.
func (e Expectation) String() string {
	return strings.Join(strings.Fields(e.Subject+" "+e.Of+" "+e.Op+" "+e.Value), " ")
}
