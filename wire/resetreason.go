package wire

import "fmt"

// ResetReason is why a subflow was reset (RFC 8684 section 3.6, IANA registry MPTCP MP_TCPRST Reason Codes).
type ResetReason uint8

// The reasons IANA has assigned.
const (
	ResetUnspecified    ResetReason = 0
	ResetMPTCPError     ResetReason = 1 // the peer broke the protocol
	ResetNoResources    ResetReason = 2
	ResetProhibited     ResetReason = 3 // by local policy
	ResetTooMuchData    ResetReason = 4 // sent here, already acknowledged elsewhere
	ResetBadPerformance ResetReason = 5
	ResetMiddlebox      ResetReason = 6 // something on the path changes the data or the options
)

var resetNames = [...]string{
	ResetUnspecified:    "unspecified",
	ResetMPTCPError:     "MPTCP-specific error",
	ResetNoResources:    "lack of resources",
	ResetProhibited:     "administratively prohibited",
	ResetTooMuchData:    "too much outstanding data",
	ResetBadPerformance: "unacceptable performance",
	ResetMiddlebox:      "middlebox interference",
}

// String is the RFC's name in lower case, or "reason 9" for a code without one.
func (r ResetReason) String() string {
	if int(r) < len(resetNames) {
		return resetNames[r]
	}
	return string(r.appendText(nil))
}

func (r ResetReason) appendText(b []byte) []byte {
	if int(r) < len(resetNames) {
		return append(b, resetNames[r]...)
	}
	return appendNumber(b, "reason ", uint64(r))
}

// MarshalText is String.
func (r ResetReason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *ResetReason) UnmarshalText(text []byte) error {
	for i := range 256 {
		if ResetReason(i).String() == string(text) {
			*r = ResetReason(i)
			return nil
		}
	}
	return fmt.Errorf("read MP_TCPRST reason %q: no such reason", text)
}
