package nft

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"allroads/internal/middlebox"
)

// interfaceLetters are fewer than the kernel takes (dev_valid_name): what the shell
// and nft(8) read as something else (quotes, "*" at the end) is left out.
const interfaceLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@+:=-"

// Validate checks that nftables can do what the ruleset says.
func (r Ruleset) Validate() error {
	for _, name := range r.Masquerade {
		if err := checkInterface(name); err != nil {
			return fmt.Errorf("masquerade: %w", err)
		}
	}
	for i, b := range r.Balance {
		same := func(earlier Balance) bool { return earlier.Address == b.Address }
		if slices.ContainsFunc(r.Balance[:i], same) {
			return fmt.Errorf("balance %v: it is balanced already: put all its targets together", b.Address)
		}
		if err := b.validate(); err != nil {
			return fmt.Errorf("balance %v: %w", b.Address, err)
		}
	}
	for _, s := range r.SynProxy {
		if err := s.validate(r.Balance); err != nil {
			return fmt.Errorf("%s: %w", s.comment(), err)
		}
	}
	for i, rule := range r.Rules {
		if err := rule.Validate(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return nil
}

func checkInterface(name string) error {
	if name == "" || len(name) > 15 || strings.Trim(name, interfaceLetters) != "" || name == "." || name == ".." {
		return fmt.Errorf("%q is not an interface: 1 to 15 letters, digits and -_.@+:=", name)
	}
	return nil
}

// checkAddress wants what a single host has, written in one way only.
func checkAddress(a netip.Addr) error {
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.Is4In6() || a.Zone() != "" {
		return fmt.Errorf("%v is not the address of a host", a)
	}
	return nil
}

func (b Balance) validate() error {
	if len(b.To) == 0 {
		return errors.New("no target")
	}
	for _, a := range append([]netip.Addr{b.Address}, b.To...) {
		if err := checkAddress(a); err != nil {
			return err
		}
		if a.Is4() != b.Address.Is4() {
			return fmt.Errorf("target %v is of another family", a)
		}
	}
	return nil
}

// validate refuses ports of balanced addresses: the proxy's own connection to
// the server does not pass the hook where the balancer is.
func (s SynProxy) validate(balance []Balance) error {
	if s.Port == 0 {
		return errors.New("no port")
	}
	if s.WindowScale > 14 { // RFC 7323, section 2.3
		return fmt.Errorf("window scale %d is above 14", s.WindowScale)
	}
	if s.Address.IsValid() {
		if err := checkAddress(s.Address); err != nil {
			return err
		}
	}
	for _, b := range balance {
		if !s.Address.IsValid() || s.Address == b.Address {
			return fmt.Errorf("the handshakes of %v are balanced: name another address", b.Address)
		}
	}
	return nil
}

// Validate checks that nftables can do what the rule says, which is not what a
// middlebox.Box can.
func (r Rule) Validate() error {
	if err := r.Rule.Validate(); err != nil && !errors.Is(err, middlebox.ErrNotSupported) {
		return err
	}
	if r.Do == middlebox.Rewrite {
		return errors.New("nftables cannot rewrite payload: the middlebox of a link can")
	}
	if r.After > 0 {
		return errors.New("nftables does not count the payload of a flow: the middlebox of a link can apply a rule after some bytes")
	}
	if r.From != "" {
		return checkInterface(r.From)
	}
	return nil
}
