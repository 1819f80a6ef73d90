package middlebox

import (
	"errors"
	"fmt"
	"slices"

	"allroads/wire"
)

// ErrNotSupported is wrapped by the error for a rule that is well-formed, but
// that a Box cannot follow.
var ErrNotSupported = errors.New("not possible for a middlebox in userspace: leave it to nftables")

// A RuleError names the field that a Rule cannot have.
type RuleError struct {
	Field  string // in lower case: "do", "options", "packets", "find", "replace"
	Value  string // what it was
	Reason string // what it should be
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Field, e.Value, e.Reason)
}

// Validate says whether a Box can follow the rule. It returns a *RuleError for
// the first field that no middlebox could make sense of. Last of all comes Reset,
// which takes packets of one's own: its error wraps ErrNotSupported, so that
// whoever has nftables can take that for a yes.
func (r Rule) Validate() error {
	for _, check := range []func() *RuleError{
		r.checkAction, r.checkOptions, r.checkPackets, r.checkText,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if r.Do == Reset {
		return fmt.Errorf("%s packets: %w", r.Do, ErrNotSupported)
	}
	return nil
}

func (r Rule) checkAction() *RuleError {
	if !slices.Contains(Actions, r.Do) {
		return &RuleError{"do", quote(r.Do), "want drop, strip, reset or rewrite"}
	}
	return nil
}

// checkOptions allows what IANA has given a meaning to.
func (r Rule) checkOptions() *RuleError {
	for _, s := range r.Options {
		if s > wire.SubtypeMPTCPRst && s != wire.SubtypeExperimental {
			return &RuleError{"options", s.String(), "want subtypes 0 to 8, or 15"}
		}
	}
	return nil
}

func (r Rule) checkPackets() *RuleError {
	if r.Packets != "" && !slices.Contains(PacketKinds, r.Packets) {
		return &RuleError{"packets", quote(r.Packets), "want any, syn, syn-ack or later"}
	}
	return nil
}

func (r Rule) checkText() *RuleError {
	switch {
	case r.Do != Rewrite && r.Find != "":
		return &RuleError{"find", quote(r.Find), "is for rewrite only"}
	case r.Do != Rewrite && r.Replace != "":
		return &RuleError{"replace", quote(r.Replace), "is for rewrite only"}
	case r.Do == Rewrite && r.Find == "":
		return &RuleError{"find", quote(r.Find), "want the payload to look for"}
	case len(r.Find) != len(r.Replace):
		return &RuleError{"replace", quote(r.Replace), fmt.Sprintf("want %d bytes, as many as there are to find", len(r.Find))}
	}
	return nil
}

// quote keeps what may be a whole packet's payload within a line.
func quote[S ~string](s S) string {
	const limit = 40
	if len(s) > limit {
		return fmt.Sprintf("%q...", s[:limit])
	}
	return fmt.Sprintf("%q", s)
}
