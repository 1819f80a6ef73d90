package oracle_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/trace"
	"allroads/wire"
)

// fields are what tshark tells of MPTCP options, each with the values of all options
// of a packet, in order.
var fields = []string{
	"tcp.options.mptcp.subtype", "tcp.options.mptcp.version",
	"tcp.options.mptcp.checksumreq.flags", "tcp.options.mptcp.extensibility.flag", "tcp.options.mptcp.nomoresubflows.flag",
	"tcp.options.mptcp.sha256.flag", "tcp.options.mptcp.sha1.flag",
	"tcp.options.mptcp.sendkey", "tcp.options.mptcp.recvkey",
	"tcp.options.mptcp.recvtok", "tcp.options.mptcp.sendrand", "tcp.options.mptcp.sendtrunchmac", "tcp.options.mptcp.sendhmac",
	"tcp.options.mptcp.backup.flag", "tcp.options.mptcp.addrid",
	"tcp.options.mptcp.datafin.flag", "tcp.options.mptcp.dseqn8.flag", "tcp.options.mptcp.dseqnpresent.flag",
	"tcp.options.mptcp.dataack8.flag", "tcp.options.mptcp.dataackpresent.flag",
	"tcp.options.mptcp.rawdataack", "tcp.options.mptcp.rawdataseqno", "tcp.options.mptcp.subflowseqno",
	"tcp.options.mptcp.datalvllen", "tcp.options.mptcp.checksum",
	"tcp.options.mptcp.ipver", "tcp.options.mptcp.echo", "tcp.options.mptcp.ipv4", "tcp.options.mptcp.ipv6",
	"tcp.options.mptcp.port", "tcp.options.mptcp.addaddrtrunchmac",
	"tcp.options.mptcp.flag_T.flag", "tcp.options.mptcp.rst_reason",
}

// onlyV0 are fields that version 1 has not (v0_test.go).
var onlyV0 = []string{"tcp.options.mptcp.sha1.flag", "tcp.options.mptcp.ipver"}

// line is what tshark says, or should say, of one packet: values by field.
type line map[string][]string

func (l line) add(field string, value any) {
	field = "tcp.options.mptcp." + field
	switch v := value.(type) {
	case bool:
		value = 0
		if v {
			value = 1
		}
	case []byte:
		value = fmt.Sprintf("%x", v)
	}
	l[field] = append(l[field], fmt.Sprint(value))
}

// describe says of a packet's options what tshark should.
func describe(t *testing.T, p *trace.Packet) line {
	t.Helper()
	l := line{}
	var s trace.Segment
	if s.Decode(p) != nil {
		return l
	}
	for rest := s.Options; ; {
		option, next, err := wire.Next(rest)
		if err != nil {
			t.Fatal(err)
		}
		if option == nil {
			return l
		}
		decoded, err := option.Decode()
		if err != nil {
			t.Fatalf("%v: %v", option, err)
		}
		l.add("subtype", uint8(option.Subtype()))
		l.option(decoded)
		rest = next
	}
}

func (l line) option(decoded any) {
	switch o := decoded.(type) {
	case *wire.MPCapable:
		l.capable(o)
	case *wire.MPJoin:
		l.join(o)
	case *wire.DSS:
		l.dss(o)
	case *wire.AddAddr:
		l.addAddr(o)
	case *wire.RemoveAddr:
		for _, id := range o.List() {
			l.add("addrid", id)
		}
	case *wire.MPPrio:
		l.add("backup.flag", o.Backup)
		if o.HasAddressID {
			l.add("addrid", o.AddressID)
		}
	case *wire.MPFail:
		l.add("rawdataseqno", o.DSN)
	case *wire.MPFastClose:
		l.add("recvkey", uint64(o.Key))
	case *wire.MPTCPRst:
		l.add("flag_T.flag", o.Transient)
		l.add("rst_reason", uint8(o.Reason))
	}
}

func (l line) capable(o *wire.MPCapable) {
	l.add("version", uint8(o.Version))
	l.add("checksumreq.flags", o.Flags&wire.ChecksumRequired != 0)
	l.add("extensibility.flag", o.Flags&wire.Extensible != 0)
	if o.Version == wire.V1 {
		l.add("nomoresubflows.flag", o.Flags&wire.DenyJoin != 0)
		l.add("sha256.flag", o.Flags&wire.FlagH != 0)
	} else {
		l.add("sha1.flag", o.Flags&wire.FlagH != 0)
	}
	if o.HasSenderKey {
		l.add("sendkey", uint64(o.SenderKey))
	}
	if o.HasReceiverKey {
		l.add("recvkey", uint64(o.ReceiverKey))
	}
	if o.HasData {
		l.add("datalvllen", o.DataLength)
	}
	if o.HasChecksum {
		l.add("checksum", o.Checksum)
	}
}

func (l line) join(o *wire.MPJoin) {
	switch o.Form {
	case wire.JoinSYN:
		l.add("recvtok", uint32(o.Token))
		l.add("sendrand", o.Nonce)
	case wire.JoinSYNACK:
		l.add("sendtrunchmac", decimal(o.TruncatedHMAC()))
		l.add("sendrand", o.Nonce)
	case wire.JoinACK:
		l.add("sendhmac", o.TruncatedHMAC())
		return
	}
	l.add("backup.flag", o.Backup)
	l.add("addrid", o.AddressID)
}

// decimal is a big-endian number of eight bytes.
func decimal(b []byte) uint64 {
	n, _ := strconv.ParseUint(fmt.Sprintf("%x", b), 16, 64)
	return n
}

func (l line) dss(o *wire.DSS) {
	l.add("datafin.flag", o.DataFIN)
	l.add("dseqn8.flag", o.DSN64)
	l.add("dseqnpresent.flag", o.HasMap)
	l.add("dataack8.flag", o.Ack64)
	l.add("dataackpresent.flag", o.HasAck)
	if o.HasAck {
		l.add("rawdataack", o.DataAck)
	}
	if !o.HasMap {
		return
	}
	l.add("rawdataseqno", o.DSN)
	l.add("subflowseqno", o.SSN)
	l.add("datalvllen", o.Length)
	// The checksum is not among what tshark 4.0 shows of a DSS: it looks for two bytes
	// more than there are (packet-tcp.c, dissect_tcpopt_mptcp).
}

func (l line) addAddr(o *wire.AddAddr) {
	if o.Version == wire.V0 {
		l.add("ipver", map[bool]int{true: 6, false: 4}[o.Addr.Is6()])
	} else {
		l.add("echo", o.Echo)
	}
	l.add("addrid", o.AddressID)
	if o.Addr.Is6() {
		l.add("ipv6", o.Addr)
	} else {
		l.add("ipv4", o.Addr)
	}
	if o.Port != 0 {
		l.add("port", o.Port)
	}
	if o.HasHMAC {
		l.add("addaddrtrunchmac", decimal(o.HMAC[:]))
	}
}

// tshark reads a capture in a single pass, and returns the fields of each packet.
func tshark(t *testing.T, file []byte, names []string) (lines []line) {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	args := []string{"-n", "-r", "-", "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator= ",
		"-o", "tcp.desegment_tcp_streams:FALSE", "-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.intersubflows_retransmission:TRUE"}
	for _, name := range names {
		args = append(args, "-e", name)
	}
	command := exec.Command(program, args...)
	command.Stdin = bytes.NewReader(file)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, &complaints)
	}
	for text := range strings.Lines(string(out)) {
		l := line{}
		for i, values := range strings.Split(strings.TrimSuffix(text, "\n"), "|") {
			for _, value := range strings.Fields(values) {
				if n, err := strconv.ParseUint(value, 0, 64); err == nil {
					value = strconv.FormatUint(n, 10)
				}
				l[names[i]] = append(l[names[i]], value)
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// everyPacket has tshark read all scenes in one go: a file of as many sections. Its
// start takes longer than the packets.
func everyPacket(t *testing.T, names []string) (all []*recording, said [][]line) {
	t.Helper()
	netnstest.Require(t)
	playAll()
	var file []byte
	for _, s := range scenes {
		r := recorded(t, s)
		all, file = append(all, r), append(file, r.files[client]...)
	}
	lines := tshark(t, file, names)
	for _, r := range all {
		if len(lines) < len(r.packets) {
			t.Fatalf("%s: tshark sees %d packets of %d", r.scene.name, len(lines), len(r.packets))
		}
		said, lines = append(said, lines[:len(r.packets)]), lines[len(r.packets):]
	}
	if len(lines) > 0 {
		t.Fatalf("tshark sees %d packets more", len(lines))
	}
	return all, said
}

// TestOptionsLikeTshark compares each field of each option of each packet.
func TestOptionsLikeTshark(t *testing.T) {
	all, said := everyPacket(t, fields)
	seen := map[string]int{}
	for i, r := range all {
		for j := range r.packets {
			want := describe(t, &r.packets[j])
			for _, field := range fields {
				ours, theirs := strings.Join(want[field], " "), strings.Join(said[i][j][field], " ")
				if theirs != "" {
					seen[field]++
				}
				if ours != theirs {
					t.Errorf("%s, packet %d: %s is %q, %q by tshark", r.scene.name, j+1, field, ours, theirs)
				}
			}
		}
	}
	for _, field := range fields {
		if seen[field] == 0 && !slices.Contains(onlyV0, field) {
			t.Errorf("no packet has %s", field)
		}
	}
}
