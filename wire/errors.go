package wire

import "errors"

var (
	// ErrTruncated: the length byte of a TCP option is missing, below two, or reaches past the options.
	ErrTruncated = errors.New("TCP option runs past the end of the options")
	// ErrLength: the length fits no form of the option, or the length byte is not the length.
	ErrLength = errors.New("wrong option length")
	// ErrKind: the first byte is not [OptionKind].
	ErrKind = errors.New("not an MPTCP option")
	// ErrSubtype: it is an MPTCP option, but not the one asked for.
	ErrSubtype = errors.New("other MPTCP subtype")
)

// parseError names the option that was asked for. All of them exist before the first packet, so that
// malformed input costs no allocation.
type parseError struct {
	name string
	err  error
}

func (e *parseError) Error() string { return "parse " + e.name + ": " + e.err.Error() }

func (e *parseError) Unwrap() error { return e.err }

// errorTable has one error for each subtype and a last one for an option too short to have a subtype.
type errorTable [17]parseError

var (
	lengthErrors  = newErrorTable(ErrLength)
	kindErrors    = newErrorTable(ErrKind)
	subtypeErrors = newErrorTable(ErrSubtype)
)

func newErrorTable(err error) *errorTable {
	t := new(errorTable)
	for i := range t {
		t[i] = parseError{name: Subtype(i).String(), err: err}
	}
	t[len(t)-1].name = "MPTCP option"
	return t
}

func (t *errorTable) of(s Subtype) error { return &t[min(int(s), len(t)-1)] }

func lengthError(s Subtype) error  { return lengthErrors.of(s) }
func kindError(s Subtype) error    { return kindErrors.of(s) }
func subtypeError(s Subtype) error { return subtypeErrors.of(s) }
