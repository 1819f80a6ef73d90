package packets_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allroads/wire"
)

// tsharkNames are the fields that tshark knows too, by what our lines call them
// in a segment, or in the option before the slash.
var tsharkNames = map[string]string{
	"src": "tcp.srcport", "dst": "tcp.dstport", "seq": "tcp.seq", "ack": "tcp.ack", "win": "tcp.window_size_value", "len": "tcp.len",
	"mss": "tcp.options.mss_val", "wscale": "tcp.options.wscale.shift", "ts": "tcp.options.timestamp.tsval", "echoed": "tcp.options.timestamp.tsecr",
	"subtype": "tcp.options.mptcp.subtype", "version": "tcp.options.mptcp.version",
	"sender_key": "tcp.options.mptcp.sendkey", "receiver_key": "tcp.options.mptcp.recvkey",
	"derived token": "mptcp.expected_token", "derived idsn": "mptcp.expected_idsn",
	"id": "tcp.options.mptcp.addrid", "backup": "tcp.options.mptcp.backup.flag", "token": "tcp.options.mptcp.recvtok",
	"nonce": "tcp.options.mptcp.sendrand", "short hmac": "tcp.options.mptcp.sendtrunchmac", "hmac": "tcp.options.mptcp.sendhmac",
	"address hmac": "tcp.options.mptcp.addaddrtrunchmac", "echo": "tcp.options.mptcp.echo",
	"ipv4": "tcp.options.mptcp.ipv4", "ipv6": "tcp.options.mptcp.ipv6", "port": "tcp.options.mptcp.port",
	"data ack": "tcp.options.mptcp.rawdataack", "dsn": "tcp.options.mptcp.rawdataseqno", "ssn": "tcp.options.mptcp.subflowseqno",
	"data_len": "tcp.options.mptcp.datalvllen", "csum": "tcp.options.mptcp.checksum", "fin": "tcp.options.mptcp.datafin.flag",
	"checksum required": "tcp.options.mptcp.checksumreq.flags", "extensible": "tcp.options.mptcp.extensibility.flag",
	"deny join": "tcp.options.mptcp.nomoresubflows.flag", "HMAC-SHA1": "tcp.options.mptcp.sha1.flag", "HMAC-SHA256": "tcp.options.mptcp.sha256.flag",
	"reason": "tcp.options.mptcp.rst_reason", "transient": "tcp.options.mptcp.flag_T.flag",
}

// said is what is said of a packet: values by the names above.
type said map[string][]string

func (s said) add(name, value string) { s[name] = append(s[name], value) }

func (s said) addNumber(name, text string) {
	if text == "" {
		return
	}
	v, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		s.add(name, text)
		return
	}
	s.add(name, strconv.FormatUint(v, 10))
}

// tshark asks about every packet, in a single pass.
func tshark(t *testing.T, path string) (packets []said) {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		missing(t, err)
	}
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-o", "tcp.desegment_tcp_streams:FALSE"}
	var names []string
	for name, field := range tsharkNames {
		names, args = append(names, name), append(args, "-e", field)
	}
	command := exec.Command(program, args...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	for line := range strings.Lines(string(out)) {
		p := said{}
		for i, values := range strings.Split(strings.TrimSuffix(line, "\n"), "|") {
			for _, value := range strings.Split(values, ",") {
				if names[i] == "hmac" && value != "" {
					value = "0x" + value
				}
				p.addNumber(names[i], value)
			}
		}
		packets = append(packets, p)
	}
	return packets
}

var (
	segmentLine = regexp.MustCompile(`(\S+)[.:](\d+) > (\S+):(\d+) \[(\S+)\] seq (\d+)(?: ack (\d+))? win (\d+) len (\d+)`)
	tcpOption   = regexp.MustCompile(`[<,](mss|wscale|ts) (\d+)(?::(\d+))?`)
	field       = regexp.MustCompile(`(\S+)=("[^"]*"|\S+)`)
	announced   = regexp.MustCompile(`id=\d+ (\S+)`)
)

// parse reads a line of ours.
func parse(t *testing.T, line string) said {
	s := said{}
	segment := segmentLine.FindStringSubmatch(line)
	if segment == nil {
		return s
	}
	for i, name := range []string{"", "", "src", "", "dst", "", "seq", "ack", "win", "len"} {
		if name != "" {
			s.addNumber(name, segment[i])
		}
	}
	parts := strings.Split(line, " | ")
	for _, option := range tcpOption.FindAllStringSubmatch(parts[0], -1) {
		s.addNumber(option[1], option[2])
		s.addNumber("echoed", option[3])
	}
	for _, part := range parts[1:] {
		own, derived, _ := strings.Cut(part, " (")
		s.parseOption(t, own, derived)
	}
	return s
}

func (s said) parseOption(t *testing.T, text, derived string) {
	words := strings.Fields(text)
	subtype := slices.Index(subtypes, words[0])
	s.add("subtype", strconv.Itoa(subtype))
	set := func(name, word string) { // A flag that tshark gives as a number.
		s.add(name, map[bool]string{true: "1", false: "0"}[slices.Contains(words, word)])
	}
	for _, f := range field.FindAllStringSubmatch(text, -1) {
		s.parseField(words[0], f[1], f[2])
	}
	switch words[0] {
	case "MP_CAPABLE":
		s.addNumber("version", words[1][1:])
		meanings := []string{"checksum required", "extensible", "deny join", "HMAC-SHA256"}
		if words[1] == "v0" {
			meanings = []string{"checksum required", "extensible", "HMAC-SHA1"}
		}
		for _, meaning := range meanings {
			s.add(meaning, map[bool]string{true: "1", false: "0"}[strings.Contains(derived, meaning)])
		}
		// Of the handshake's third segment tshark derives from the sender's key alone.
		if first, _, _ := strings.Cut(derived, "; receiver"); strings.Contains(first, "; sender") {
			for _, f := range field.FindAllStringSubmatch(strings.TrimSuffix(first, ")"), -1) {
				s.addNumber("derived "+f[1], f[2])
			}
		}
	case "MP_JOIN":
		if words[1] != "ack" {
			set("backup", "backup")
		}
	case "MP_PRIO":
		set("backup", "backup")
	case "DSS":
		set("fin", "fin")
	case "ADD_ADDR":
		if words[1] != "v0" {
			set("echo", "echo")
		}
		s.parseAddress(announced.FindStringSubmatch(text)[1])
	case "MP_TCPRST":
		set("transient", "transient")
	}
	if subtype < 0 {
		t.Errorf("no option: %s", text)
	}
}

var subtypes = []string{"MP_CAPABLE", "MP_JOIN", "DSS", "ADD_ADDR", "REMOVE_ADDR", "MP_PRIO", "MP_FAIL", "MP_FASTCLOSE", "MP_TCPRST"}

func (s said) parseField(option, name, value string) {
	switch {
	case name == "flags" || name == "U":
	case name == "reason":
		for r := range wire.ResetReason(7) {
			if `"`+r.String()+`"` == value {
				s.addNumber("reason", strconv.Itoa(int(r)))
			}
		}
	case name == "ids":
		for _, id := range strings.Split(value, ",") {
			s.addNumber("id", id)
		}
	case option == "DSS" && name == "ack" || name == "ack32":
		s.addNumber("data ack", value)
	case name == "dsn32":
		s.addNumber("dsn", value)
	case option == "DSS" && name == "len":
		s.addNumber("data_len", value)
	case option == "MP_FASTCLOSE" && name == "key":
		s.addNumber("receiver_key", value)
	case option == "ADD_ADDR" && name == "hmac":
		s.addNumber("address hmac", value)
	case name == "hmac" && len(value) == 18:
		s.addNumber("short hmac", value)
	default:
		s.addNumber(name, value)
	}
}

func (s said) parseAddress(text string) {
	address, port, found := text, "", false
	switch {
	case text[0] == '[':
		address, port, found = strings.Cut(text[1:], "]:")
	case strings.Count(text, ":") == 1:
		address, port, found = strings.Cut(text, ":")
	}
	if found {
		s.addNumber("port", port)
	}
	if strings.Contains(address, ":") {
		s.add("ipv6", address)
	} else {
		s.add("ipv4", address)
	}
}

// compareWithTshark compares every field of every packet.
func compareWithTshark(t *testing.T, path string, lines []string) {
	t.Helper()
	theirs := tshark(t, path)
	if len(theirs) != len(lines) {
		t.Fatalf("tshark sees %d packets of %d", len(theirs), len(lines))
	}
	options := 0
	for i, line := range lines {
		ours := parse(t, line)
		options += len(ours["subtype"])
		for name := range tsharkNames {
			switch {
			case name == "ack" && len(ours["ack"]) == 0:
				continue // Without ACK it is none.
			case name == "csum" && slices.Contains(ours["subtype"], "2"):
				continue // tshark 4.0 leaves it out of a DSS; tcpdump has it.
			}
			if !slices.Equal(ours[name], theirs[i][name]) {
				t.Errorf("packet %d, %s: %v, tshark: %v\n%s", i+1, name, ours[name], theirs[i][name], line)
			}
		}
	}
	if options < len(lines)/3 {
		t.Errorf("%d MPTCP options in %d lines", options, len(lines))
	}
}
