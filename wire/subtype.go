package wire

import "strconv"

// Subtype is the high nibble of an MPTCP option's third byte (IANA registry MPTCP Option Subtypes).
type Subtype uint8

// The subtypes IANA has assigned. Subtypes 9 to 14 are free; 15 is for private use.
const (
	SubtypeMPCapable    Subtype = 0
	SubtypeMPJoin       Subtype = 1
	SubtypeDSS          Subtype = 2
	SubtypeAddAddr      Subtype = 3
	SubtypeRemoveAddr   Subtype = 4
	SubtypeMPPrio       Subtype = 5
	SubtypeMPFail       Subtype = 6
	SubtypeMPFastClose  Subtype = 7
	SubtypeMPTCPRst     Subtype = 8
	SubtypeExperimental Subtype = 15
)

var subtypeNames = [16]string{
	SubtypeMPCapable:    "MP_CAPABLE",
	SubtypeMPJoin:       "MP_JOIN",
	SubtypeDSS:          "DSS",
	SubtypeAddAddr:      "ADD_ADDR",
	SubtypeRemoveAddr:   "REMOVE_ADDR",
	SubtypeMPPrio:       "MP_PRIO",
	SubtypeMPFail:       "MP_FAIL",
	SubtypeMPFastClose:  "MP_FASTCLOSE",
	SubtypeMPTCPRst:     "MP_TCPRST",
	SubtypeExperimental: "MP_EXPERIMENTAL",
}

// String is the RFC's name, or "subtype 9" for one without a name.
func (s Subtype) String() string {
	if s.named() {
		return subtypeNames[s]
	}
	return "subtype " + strconv.Itoa(int(s))
}

func (s Subtype) named() bool { return int(s) < len(subtypeNames) && subtypeNames[s] != "" }

func (s Subtype) appendText(b []byte) []byte {
	if s.named() {
		return append(b, subtypeNames[s]...)
	}
	return appendNumber(b, "subtype ", uint64(s))
}
