package anonymize

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"

	"github.com/google/go-cmp/cmp"
)

// following are the options that have the analyzer look at most.
var following = trace.Options{Midway: true, TCP: true, Chart: 8, ByAddress: true}

func report(packets []trace.Packet, interfaces int) *trace.Report {
	var names []string
	for i := range interfaces {
		names = append(names, fmt.Sprint("if", i))
	}
	a := trace.New(names)
	a.Follow(following)
	for i := range packets {
		a.Add(&packets[i])
	}
	a.End()
	return a.Report()
}

// sameReport compares what is found in packets with what is found in those that were
// made of them: all of it, with what is replaced, replaced.
func sameReport(t testing.TB, r *rewriter, before, after *trace.Report, moved int64) {
	t.Helper()
	if difference := reportDifference(t, r, before, after, moved, false); difference != "" {
		t.Errorf("-expected +found\n%s", difference)
	}
}

// reportDifference leaves data sequence numbers aside if they are loose.
func reportDifference(t testing.TB, r *rewriter, before, after *trace.Report, moved int64, loose bool) string {
	t.Helper()
	e := &expectation{rewriter: r, keys: map[string]string{}, moved: moved, loose: loose}
	e.know(before)
	return cmp.Diff(e.text(t, before, true), e.text(t, after, false))
}

// expectation knows what stands for what.
type expectation struct {
	rewriter    *rewriter
	keys        map[string]string // and tokens, as text
	idsns       []key
	first, last int64
	moved       int64
	loose       bool
}

func (e *expectation) know(before *trace.Report) {
	for _, c := range before.Connections {
		if e.first == 0 || c.Opened < e.first {
			e.first = c.Opened
		}
		e.last = max(e.last, c.Last)
		for _, k := range c.Keys {
			e.key(k, c.Version)
		}
		for _, token := range []trace.KnownToken{c.Tokens.Client, c.Tokens.Server} {
			if token.Known {
				e.keys[token.String()] = e.rewriter.table.token(token.Token).String()
			}
		}
	}
	for _, o := range before.Orphans {
		e.keys[o.Token.String()] = e.rewriter.table.token(o.Token).String()
	}
}

// key is computed here from the RFC's definitions, as seen by package wire: not by
// what the table holds.
func (e *expectation) key(k trace.Key, version *wire.Version) {
	to := e.rewriter.table.key(k.Key)
	token, idsn := version.Derive(to)
	e.keys[k.Key.String()], e.keys[k.Token.String()] = to.String(), token.String()
	e.idsns = append(e.idsns, key{idsn: k.IDSN, shift: idsn - k.IDSN})
}

var (
	// HMACs are compared by what was found of them: right or wrong.
	anyHMAC = regexp.MustCompile(`hmac=0x[0-9a-f]+|0x[0-9a-f]+(, from both keys and nonces| is in the packet)|the keys and nonces give 0x[0-9a-f]+`)
	// So are DATA_ACKs, which may have 32 bits: the offset beside them is compared.
	// For connections whose start was not captured package trace counts from a number
	// that it has made up, of which millions of bytes of these short ones come.
	anyACK  = regexp.MustCompile(`DATA_ACK [0-9]+|ended its data after [0-9]{7,} bytes`)
	anyWord = regexp.MustCompile(`[0-9A-Za-z.:\[\]]+`)
	anyKey  = regexp.MustCompile(`^0x[0-9a-f]{16}$`)
)

// text is a report in lines, with what is to be replaced, replaced, or not.
func (e *expectation) text(t testing.TB, report *trace.Report, replace bool) []string {
	t.Helper()
	b, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text := anyHMAC.ReplaceAllString(string(b), "hmac")
	text = anyACK.ReplaceAllString(text, "DATA_ACK")
	text = anyWord.ReplaceAllStringFunc(text, func(word string) string { return e.word(word, replace) })
	return strings.Split(text, "\n")
}

func (e *expectation) word(word string, replace bool) string {
	if number, err := strconv.ParseUint(word, 10, 64); err == nil && len(word) >= 14 {
		return e.number(number, replace)
	}
	if !replace {
		return word
	}
	if to, known := e.keys[strings.TrimPrefix(word, "0x")]; known {
		return strings.Replace(word, strings.TrimPrefix(word, "0x"), to, 1)
	}
	if anyKey.MatchString(word) {
		k, _ := strconv.ParseUint(word[2:], 16, 64)
		return "0x" + e.rewriter.table.key(wire.Key(k)).String()
	}
	if end, err := netip.ParseAddrPort(word); err == nil {
		return e.rewriter.end(end).String()
	}
	if addr, err := netip.ParseAddr(strings.Trim(word, "[]")); err == nil {
		return strings.Replace(word, strings.Trim(word, "[]"), e.rewriter.addresses.replace(addr).String(), 1)
	}
	return word
}

// number replaces a time, or a data sequence number.
func (e *expectation) number(n uint64, replace bool) string {
	at := int64(n)
	if !replace {
		at -= e.moved
	}
	if at >= e.first && at <= e.last+1e12 {
		return fmt.Sprint("time+", at-e.first)
	}
	if e.loose {
		return "number"
	}
	if replace {
		for _, k := range e.idsns {
			if n-k.idsn < 1<<40 {
				return fmt.Sprint(n + k.shift)
			}
		}
		n += e.rewriter.common
	}
	return fmt.Sprint(n)
}

// TestTwoPaths: the real capture is proven, before and after.
func TestTwoPaths(t *testing.T) {
	packets, interfaces := readPackets(t, twoPaths)
	r := testRewriter(t, "two paths", Options{})
	out := rewriteAll(t, r, packets)
	before, after := report(cutPayload(t, packets), len(interfaces)), report(out, len(interfaces))
	if got := after.Verdict.String(); !after.Verdict.Proven {
		t.Errorf("%s", got)
	}
	if c := after.Connections[0]; c.ToServer.Bytes != 100_012 || len(c.Subflows) != 2 {
		t.Errorf("%d bytes on %d subflows", c.ToServer.Bytes, len(c.Subflows))
	}
	sameReport(t, r, before, after, 0)
	sameReport(t, r, report(packets, len(interfaces)), after, 0)
}

// TestWhatIsAltered: whatever is wrong in a capture is as wrong afterwards. One bit
// after the other is turned in the MPTCP options of the handshakes, and of others.
func TestWhatIsAltered(t *testing.T) {
	packets, interfaces := readPackets(t, twoPaths)
	packets = cutPayload(t, packets)
	different := map[string]bool{}
	for i := range packets {
		var s trace.Segment
		if err := s.Decode(&packets[i]); err != nil {
			t.Fatal(err)
		}
		if s.Flags&trace.SYN == 0 && i > 12 && i%23 != 0 {
			continue
		}
		for at := len(packets[i].Data) - len(s.Options); at < len(packets[i].Data); at += 3 + i%3 {
			altered := append([]trace.Packet(nil), packets...)
			altered[i].Data = append([]byte(nil), packets[i].Data...)
			altered[i].Data[at] ^= 1 << ((i + at) % 8)
			r := testRewriter(t, "altered", Options{})
			before, after := report(altered, len(interfaces)), report(rewriteAll(t, r, altered), len(interfaces))
			different[before.Verdict.String()] = true
			if difference := reportDifference(t, r, before, after, 0, true); difference != "" {
				t.Fatalf("packet %d, byte %d:\n%s", i+1, at, difference)
			}
		}
	}
	if len(different) < 12 {
		t.Errorf("%d different verdicts only", len(different))
	}
}
