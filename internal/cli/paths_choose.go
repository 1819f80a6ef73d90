package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"allroads/internal/control"
)

// pathChoice says which connections are meant: those that fit any of its words.
type pathChoice []pathWord

// pathWord is a token; or an end, where what is zero may be anything.
type pathWord struct {
	token *uint32
	addr  netip.Addr
	port  uint16
}

func choosePaths(words []string) (choice pathChoice, err error) {
	for _, text := range words {
		word, ok := parsePathWord(text)
		if !ok {
			return nil, fmt.Errorf("%q is not a TOKEN (1 to 8 hexadecimal digits), ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or :PORT", text)
		}
		choice = append(choice, word)
	}
	return choice, nil
}

func parsePathWord(text string) (word pathWord, ok bool) {
	if token, err := parseToken(text); err == nil {
		return pathWord{token: &token}, true
	}
	if digits, only := strings.CutPrefix(text, ":"); only {
		if port, err := strconv.ParseUint(digits, 10, 16); err == nil {
			return pathWord{port: uint16(port)}, port > 0
		}
	}
	at, ok := parseAt(text)
	return pathWord{addr: at.Addr(), port: at.Port()}, ok
}

func parseToken(text string) (uint32, error) {
	token, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(text), "0x"), 16, 32)
	return uint32(token), err
}

// parseAt reads an address with a port or without, in brackets or not, and leaves its zone.
func parseAt(text string) (netip.AddrPort, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port()), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return netip.AddrPortFrom(addr.Unmap().WithZone(""), 0), err == nil
}

// of are the connections that are meant: without words, all.
func (choice pathChoice) of(connections []control.Connection) (chosen []control.Connection) {
	for i := range connections {
		fits := func(word pathWord) bool { return word.fits(&connections[i]) }
		if len(choice) == 0 || slices.ContainsFunc(choice, fits) {
			chosen = append(chosen, connections[i])
		}
	}
	return chosen
}

// none says why nothing is shown, of so many.
func (choice pathChoice) none(all int) string {
	switch {
	case all == 0:
		return "allroadsd knows no MPTCP connection"
	case all == 1:
		return "the one connection that allroadsd knows is not as asked for"
	}
	return fmt.Sprintf("none of the %d connections that allroadsd knows is as asked for", all)
}

func (word pathWord) fits(c *control.Connection) bool {
	if word.token != nil {
		token, err := parseToken(c.Token)
		return err == nil && token == *word.token
	}
	return word.isEnd(c.Local) || word.isEnd(c.Remote) || slices.ContainsFunc(c.Paths, func(p control.Path) bool {
		return word.isEnd(p.Local) || word.isEnd(p.Remote)
	})
}

func (word pathWord) isEnd(text string) bool {
	at, ok := parseAt(text)
	return ok && (!word.addr.IsValid() || word.addr == at.Addr()) && (word.port == 0 || word.port == at.Port())
}
