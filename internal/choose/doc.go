// Package choose decides which connections and servers of a program are to be of
// MPTCP, from rules that a person writes:
//
//	HOST              example.com, 192.0.2.1, 2001:db8::1, [2001:db8::1]
//	HOST:PORTS        example.com:443, [2001:db8::1]:443
//	NAME/PORTS        example.com/443: after a name, / is another way to write :
//	NETWORK           10.0.0.0/8, 2001:db8::/32, [2001:db8::]/32
//	NETWORK:PORTS     10.0.0.0/8:443, [2001:db8::]/32:443
//	:PORTS            :443, of any host, IPv4 and IPv6
//
// PORTS is a port from 1 to 65535, a range as 8000-8999, or a service as
// /etc/services has it: https.
//
// After an address, / is always the length of a network's prefix, and the rest of the
// address has to be zero: so 192.0.2.1/22, which might be meant as port 22, is an
// error that says how to write either. A text that is an IPv6 address as a whole is
// one: a port wants brackets.
//
// A name stands for all the addresses that it had when the rules were read. What a
// program gets for the same name later, as of a service with many addresses, may be
// others: such rules are better written as networks or ports.
//
// A rule is compared with the far end for connect(), with the near end for bind() and
// listen(): a server on port 443 is meant by :443, and one at all addresses (0.0.0.0
// or ::) by rules without HOST and those that name just this address or a network with
// it. Who will connect to a server is not known then. An IPv4-mapped IPv6 address is
// the IPv4 address; zones are not compared.
package choose
