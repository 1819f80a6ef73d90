package summary_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/trace"
)

// table reads the CSV of files back: rows by the names of the columns.
func table(t *testing.T, text string) (header []string, rows []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

func csvOf(t *testing.T, files []string, also func(*trace.Connection)) string {
	t.Helper()
	var out bytes.Buffer
	w := summary.NewCSV(&out)
	read(t, files, func(c *trace.Connection) {
		also(c)
		if err := w.Add(c); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestCSV reads back what was written of real captures.
func TestCSV(t *testing.T) {
	for name, files := range captures {
		type flow struct{ toServer, toClient trace.Carried }
		var flows []flow
		bytesOf := map[string]uint64{}
		text := csvOf(t, files, func(c *trace.Connection) {
			for i := range c.Subflows {
				flows = append(flows, flow{c.Subflows[i].ToServer, c.Subflows[i].ToClient})
			}
			bytesOf[strconv.Itoa(c.ID)] = c.ToServer.Bytes
		})
		header, rows := table(t, text)
		if len(header) != len(summary.Columns()) || len(rows) != 2*len(flows) {
			t.Fatalf("%s: %d columns and %d rows of %d subflows", name, len(header), len(rows), len(flows))
		}
		if strings.Count(text, "\r\n") != len(rows)+1 || strings.Count(text, "\n") != len(rows)+1 {
			t.Errorf("%s: lines do not end with CR and LF", name)
		}
		for i, f := range flows {
			carriedIs(t, rows[2*i], "to_server", &f.toServer)
			carriedIs(t, rows[2*i+1], "to_client", &f.toClient)
		}
		for id, want := range bytesOf {
			sum := uint64(0)
			for _, row := range rows {
				if row["connection"] == id && row["direction"] == "to_server" {
					n, err := strconv.ParseUint(row["bytes"], 10, 64)
					if err != nil || row["stream_bytes"] != strconv.FormatUint(want, 10) {
						t.Errorf("%s: row %v, %v", name, row, err)
					}
					sum += n
				}
			}
			if sum != want {
				t.Errorf("%s: subflows of connection %s carried %d bytes of %d", name, id, sum, want)
			}
		}
	}
}

func carriedIs(t *testing.T, row map[string]string, direction string, d *trace.Carried) {
	t.Helper()
	average := ""
	if d.RTT.Samples > 0 {
		average = strconv.FormatInt(d.RTT.Average, 10)
	}
	if row["direction"] != direction || row["bytes"] != strconv.FormatUint(d.Bytes, 10) ||
		row["payload"] != strconv.FormatUint(d.Payload, 10) || row["rtt_average_ns"] != average {
		t.Errorf("row %v of %+v", row, d)
	}
}

// TestCSVRow: known values are in their columns, and what is not known is empty.
func TestCSVRow(t *testing.T) {
	_, rows := table(t, csvOf(t, captures["fallback"], func(*trace.Connection) {}))
	want := map[string]string{
		"connection": "1", "kind": "fallback", "fallback": "no_mp_capable_in_syn_ack", "fallback_packet": "2",
		"token_client": "", "token_server": "", "proven": "false", "handover_ns": "", "second_subflow_ns": "",
		"client_address": "10.0.0.2", "client_port": "61000", "server_port": "4321", "outcome": "no_mptcp",
		"interface": "red", "initial": "true", "bytes": "0", "payload": "20000", "goodput_bps": "",
	}
	for name, value := range want {
		if got, found := rows[0][name]; !found || got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// TestCSVEmpty: a header comes without connections, too; columns have names of their
// own.
func TestCSVEmpty(t *testing.T) {
	var out bytes.Buffer
	if err := summary.NewCSV(&out).Flush(); err != nil {
		t.Fatal(err)
	}
	header, rows := table(t, out.String())
	names := slices.Clone(header)
	slices.Sort(names)
	if len(rows) != 0 || len(names) < 60 || len(slices.Compact(names)) != len(header) {
		t.Errorf("%d rows, columns %v", len(rows), header)
	}
}

// TestCSVQuotes: what a capture file names comes back as it was.
func TestCSVQuotes(t *testing.T) {
	c := good()
	c.Subflows[0].Path = "a,\"b\"\n=c"
	var out bytes.Buffer
	w := summary.NewCSV(&out)
	if err := errors.Join(w.Add(c), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if _, rows := table(t, out.String()); rows[0]["interface"] != c.Subflows[0].Path {
		t.Errorf("interface %q", rows[0]["interface"])
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestNoSpace: what cannot be written is an error that says so.
func TestNoSpace(t *testing.T) {
	w := summary.NewCSV(full{})
	s := summary.New(summary.Options{})
	for name, err := range map[string]error{
		"csv":   errors.Join(w.Add(good()), w.Flush()),
		"page":  s.Write(full{}, summary.About{}, &trace.Report{}),
		"depth": summary.Connection(full{}, good(), summary.Options{}),
	} {
		if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "print result: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
