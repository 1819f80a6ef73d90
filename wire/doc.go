// Package wire reads and writes the TCP options of Multipath TCP: version 1 (RFC 8684) and version 0
// (RFC 6824), with the tokens, initial sequence numbers, HMACs and checksums derived from their fields.
//
// # Reading
//
// [Next] steps through the options of a TCP header and yields each MPTCP [Option]. [Option.Subtype] tells
// which one it is and the Parse function of that subtype reads it into a struct of the caller:
//
//	for {
//		opt, rest, err := wire.Next(options)
//		if opt == nil {
//			break // the end, or err
//		}
//		...
//		options = rest
//	}
//
// Next, every Parse function and every Append function given a large enough buffer allocate nothing. No
// input makes them panic. [Option.Decode] and [Option.String] are the easy way for display; they allocate, which
// [Option.AppendText] does not.
//
// A Parse function takes the whole option, kind and length bytes included, and overwrites its struct
// completely: on an error the struct is zero. It checks the length against the forms the RFC defines and
// nothing else: whether a segment may carry the option, or a key is the right one, is for the caller.
//
// # Writing
//
// An Append function writes the one encoding of its struct and returns the extended buffer, without padding;
// the caller aligns with NOP (kind 1) options. A struct that no option can carry (an ADD_ADDR without an
// address, a MP_CAPABLE with the second key but not the first) appends nothing, so len tells.
// Parse(Append(x)) is x for each x that can be carried.
//
// Reserved bits are read as if they were zero and written as zero:
//
//	MP_JOIN       3 bits beside B; in the third ACK all 12 bits before the HMAC
//	DSS           4 bits beside the subtype and 3 above F; also "a" without A and "m" without M
//	ADD_ADDR v1   3 bits beside E
//	REMOVE_ADDR   4 bits beside the subtype
//	MP_PRIO       3 bits beside B
//	MP_FAIL       12 bits before the data sequence number
//	MP_FASTCLOSE  12 bits before the key
//
// MP_CAPABLE, MP_TCPRST, ADD_ADDR v0, [Experimental] and [Unknown] keep every bit.
//
// # Byte order and text
//
// All numbers are read in network byte order. A [Key] is the eight key bytes read big-endian, so its text is
// the key as seen on the wire; a [Token] prints as ss and ip mptcp monitor print it. In JSON keys, tokens,
// HMACs and opaque bytes are hex text, 64-bit numbers decimal strings, and a field that the option does not
// carry is absent.
package wire
