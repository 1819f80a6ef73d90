package trace

import (
	"fmt"
	"strings"

	"allroads/wire"
)

// checks of a connection as a whole, added to a list.
func (c *connection) checks(checks []Check) []Check {
	if fallback := c.taken(); fallback != nil { // first: the rest follows from it
		checks = append(checks, Check{"multipath", Bad, "fell back to TCP: " + fallback.String()})
	}
	checks = append(checks, c.versionCheck(), c.keysCheck())
	for _, from := range []side{client, server} {
		checks = append(checks, c.startCheck(from), c.mappingCheck(from), c.ackCheck(from), c.finCheck(from))
	}
	if count := c.checksumCount(); c.checksum || count.ok+count.bad > 0 {
		checks = append(checks, c.checksumCheck(count))
	}
	if c.failed != "" {
		checks = append(checks, Check{"data", Bad, "spoilt on the way: " + c.failed})
	}
	if c.aborted != "" {
		checks = append(checks, Check{"close", Bad, "cut short: " + c.aborted})
	}
	return checks
}

func (c *connection) versionCheck() Check {
	if c.inferred != "" {
		return Check{"version", Unknown, notCaptured}
	}
	if c.brief { // What is given to say would be allocated.
		return checkOf("version", c.versions, "")
	}
	algorithm := "HMAC-SHA256"
	if c.version == wire.V0 {
		algorithm = "HMAC-SHA1"
	}
	return checkOf("version", c.versions, c.say("MPTCP %v with %s, as every packet of the handshake says", c.version, algorithm))
}

func (c *connection) keysCheck() Check {
	var wrong, missing []string
	for _, of := range []side{client, server} {
		switch state := c.keys[of]; {
		case !state.known:
			missing = append(missing, "the "+of.String()+"'s key was not seen")
		case state.conflict != "":
			wrong = append(wrong, "the "+of.String()+"'s key is "+state.conflict)
		}
	}
	if len(wrong) == 0 && len(missing) > 0 {
		return Check{"keys", Unknown, strings.Join(missing, "; ")}
	}
	return checkOf("keys", wrong, "both keys are the same in every packet that has them")
}

// say gives what is right in words, unless nobody wants to read it.
func (c *connection) say(format string, args ...any) string {
	if c.brief {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func (c *connection) checksumCount() (sum checksumCount) {
	for _, flow := range c.subflows {
		for d := range flow.halves {
			count := flow.halves[d].checksumCount()
			sum.ok, sum.bad = sum.ok+count.ok, sum.bad+count.bad
			sum.unchecked, sum.absent = sum.unchecked+count.unchecked, sum.absent+count.absent
		}
	}
	return sum
}

func (c *connection) checksumCheck(sum checksumCount) Check {
	detail := fmt.Sprintf("%d right, %d wrong, %d absent, %d not checked for want of payload",
		sum.ok, sum.bad, sum.absent, sum.unchecked)
	switch {
	case sum.bad > 0 || c.checksum && sum.absent > 0:
		return Check{"checksum", Bad, detail}
	case sum.unchecked > 0:
		return Check{"checksum", Unknown, detail}
	}
	return Check{"checksum", OK, detail}
}
