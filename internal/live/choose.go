package live

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"allroads/mptcp"
	"allroads/sockdiag"
)

// End is where a connection or a subflow ends. What is zero may be anything.
type End struct {
	Addr netip.Addr
	Port uint16
}

func (e End) is(at netip.AddrPort) bool {
	return (!e.Addr.IsValid() || e.Addr == at.Addr()) && (e.Port == 0 || e.Port == at.Port())
}

// Choose reads words that say which connections are to be looked at: tokens in
// hexadecimal digits, as ss prints them; ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT and
// :PORT; and states. A connection has to be as one word of each kind says.
func (o *Options) Choose(words []string) error {
	for _, word := range words {
		if !o.chooseState(word) && !o.chooseEnd(word) && !o.chooseToken(word) {
			return fmt.Errorf("%q is not a TOKEN (1 to 8 hexadecimal digits), ADDRESS, ADDRESS:PORT, "+
				"[ADDRESS]:PORT, :PORT or state (%s)", word, strings.Join(stateWords(), ", "))
		}
	}
	if o.Filter.Listeners == sockdiag.NoListeners && slices.Contains(o.Filter.States, mptcp.StateListen) {
		o.Filter.Listeners = sockdiag.WithListeners
	}
	// What there is one of, fewer have to be read for.
	if len(o.Tokens) == 1 {
		o.Filter.Token, o.Tokens = &o.Tokens[0], nil
	}
	if len(o.Ends) == 1 {
		o.Filter.Addr, o.Filter.Port, o.Ends = o.Ends[0].Addr, o.Ends[0].Port, nil
	}
	return nil
}

// states are those that a connection or a listener can be in, by words: the
// kernel's, and ss's where they differ in more than hyphens.
var states = []struct {
	state mptcp.TCPState
	words []string
}{
	{mptcp.StateEstablished, []string{"established", "estab"}},
	{mptcp.StateSynSent, []string{"syn-sent"}},
	{mptcp.StateSynRecv, []string{"syn-recv"}},
	{mptcp.StateFinWait1, []string{"fin-wait1", "fin-wait-1"}},
	{mptcp.StateFinWait2, []string{"fin-wait2", "fin-wait-2"}},
	{mptcp.StateTimeWait, []string{"time-wait"}},
	{mptcp.StateClose, []string{"close", "closed", "unconn"}},
	{mptcp.StateCloseWait, []string{"close-wait"}},
	{mptcp.StateLastAck, []string{"last-ack"}},
	{mptcp.StateListen, []string{"listen", "listening"}},
	{mptcp.StateClosing, []string{"closing"}},
}

func stateWords() (words []string) {
	for _, s := range states {
		words = append(words, s.words[0])
	}
	return words
}

func (o *Options) chooseState(word string) bool {
	word = strings.ReplaceAll(strings.ToLower(word), "_", "-")
	for _, s := range states {
		if slices.Contains(s.words, word) {
			o.Filter.States = append(o.Filter.States, s.state)
			return true
		}
	}
	return false
}

func (o *Options) chooseEnd(word string) bool {
	end, ok := parseEnd(word)
	if ok {
		o.Ends = append(o.Ends, end)
	}
	return ok
}

func parseEnd(word string) (End, bool) {
	if digits, only := strings.CutPrefix(word, ":"); only && !strings.HasPrefix(digits, ":") {
		port, err := strconv.ParseUint(digits, 10, 16)
		if err == nil {
			return End{Port: uint16(port)}, port > 0
		}
	}
	if inner, found := strings.CutPrefix(word, "["); found && strings.HasSuffix(inner, "]") {
		word = strings.TrimSuffix(inner, "]")
	}
	if at, err := netip.ParseAddrPort(word); err == nil {
		return End{plain(at.Addr()), at.Port()}, at.Port() > 0
	}
	addr, err := netip.ParseAddr(word)
	return End{Addr: plain(addr)}, err == nil
}

// plain is an address as sockdiag has it.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func (o *Options) chooseToken(word string) bool {
	digits := strings.TrimPrefix(strings.ToLower(word), "0x")
	token, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) > 8 {
		return false
	}
	o.Tokens = append(o.Tokens, uint32(token))
	return true
}

// chooses reports whether a connection that passed the filter is one of Tokens
// and Ends.
func (o *Options) chooses(c *sockdiag.Connection) bool {
	if len(o.Tokens) > 0 && (c.State == mptcp.StateListen || !slices.Contains(o.Tokens, c.Info.Token)) {
		return false
	}
	return len(o.Ends) == 0 || slices.ContainsFunc(o.Ends, func(e End) bool { return hasEnd(c, e) })
}

func hasEnd(c *sockdiag.Connection, e End) bool {
	if e.is(c.Local) || e.is(c.Remote) {
		return true
	}
	return slices.ContainsFunc(c.Subflows, func(f sockdiag.Subflow) bool { return e.is(f.Local) || e.is(f.Remote) })
}
