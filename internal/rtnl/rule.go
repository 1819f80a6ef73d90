package rtnl

import (
	"fmt"
	"net"
	"net/netip"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

// Rule is which routing table is asked for some packets.
type Rule struct {
	From     netip.Prefix // their source, zero: any
	To       netip.Prefix // their destination, zero: any
	Table    uint32
	Priority uint32 // the lower the sooner, 0: the kernel chooses
	Protocol uint8  // RTPROT_*, who made it; 0: nobody says
}

// AddRule adds a rule. From or To has to be there, to tell the family.
func (c *Conn) AddRule(r Rule) error {
	if err := c.route.Rule.Add(ruleMessage(r)); err != nil {
		return fmt.Errorf("add rule for table %d: %w", r.Table, nl.Kernel(err))
	}
	return nil
}

// DeleteRule removes the first rule that has all that r says; what r leaves out,
// Priority and Protocol too, may be anything there. The error is ENOENT where there is
// none.
func (c *Conn) DeleteRule(r Rule) error {
	if err := c.route.Rule.Delete(ruleMessage(r)); err != nil {
		return fmt.Errorf("delete rule for table %d: %w", r.Table, nl.Kernel(err))
	}
	return nil
}

func ruleMessage(r Rule) *rtnetlink.RuleMessage {
	message := &rtnetlink.RuleMessage{
		Family:     family(r.From.Addr(), r.To.Addr()),
		Action:     unix.FR_ACT_TO_TBL,
		Attributes: &rtnetlink.RuleAttributes{Table: &r.Table},
	}
	if r.From.IsValid() {
		from := net.IP(r.From.Addr().AsSlice())
		message.SrcLength, message.Attributes.Src = uint8(r.From.Bits()), &from
	}
	if r.To.IsValid() {
		to := net.IP(r.To.Addr().AsSlice())
		message.DstLength, message.Attributes.Dst = uint8(r.To.Bits()), &to
	}
	if r.Priority != 0 {
		message.Attributes.Priority = &r.Priority
	}
	if r.Protocol != 0 {
		message.Attributes.Protocol = &r.Protocol
	}
	return message
}
