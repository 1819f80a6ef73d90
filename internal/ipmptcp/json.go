package ipmptcp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// fields are the keys and values of a JSON object in their order. Reflection is
// not used, because a command has to start fast.
type fields struct {
	keys   []string
	values [][]byte
}

func (f *fields) add(key string, value []byte) {
	f.keys, f.values = append(f.keys, key), append(f.values, value)
}

func (f *fields) text(key, value string)         { f.add(key, quote(value)) }
func (f *fields) number(key string, value int64) { f.add(key, strconv.AppendInt(nil, value, 10)) }
func (f *fields) truth(key string, value bool)   { f.add(key, strconv.AppendBool(nil, value)) }

// quote writes a string as iproute2 does: bytes that are no UTF-8 stay.
func quote(text string) []byte {
	quoted := []byte{'"'}
	for _, c := range []byte(text) {
		switch {
		case c == '"', c == '\\':
			quoted = append(quoted, '\\', c)
		case c < ' ', c == 0x7f:
			quoted = append(quoted, escape(c)...)
		default:
			quoted = append(quoted, c)
		}
	}
	return append(quoted, '"')
}

func escape(c byte) string {
	if short, ok := map[byte]string{'\t': `\t`, '\n': `\n`, '\r': `\r`, '\f': `\f`, '\b': `\b`}[c]; ok {
		return short
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// line writes the object without white space.
func (f *fields) line() []byte { return f.append(nil, "", ":", "") }

// append writes the object with what is before each key, between key and value,
// and before the end.
func (f *fields) append(text []byte, before, colon, last string) []byte {
	text = append(text, '{')
	for i, key := range f.keys {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(text, before...), quote(key)...)
		text = append(append(text, colon...), f.values[i]...)
	}
	return append(append(text, last...), '}')
}

// arrayWriter writes an array of objects as iproute2 does.
type arrayWriter struct {
	pretty bool
	text   []byte // what is to be written
	some   bool
}

func (w *arrayWriter) begin() { w.text = append(w.text, '[') }

func (w *arrayWriter) object(f fields) {
	switch {
	case w.some:
		w.text = append(w.text, ',')
	case w.pretty:
		w.text = append(w.text, ' ')
	}
	w.some = true
	if w.pretty {
		w.text = f.append(w.text, "\n        ", ": ", "\n    ")
	} else {
		w.text = f.append(w.text, "", ":", "")
	}
}

func (w *arrayWriter) end() {
	if w.pretty {
		w.text = append(w.text, ' ')
	}
	w.text = append(w.text, "]\n"...)
}

func (f *fields) list(key string, values [][]byte) {
	f.add(key, append(append([]byte{'['}, bytes.Join(values, []byte{','})...), ']'))
}

// utf8 makes a name fit for JSON, which those of interfaces need not be.
func utf8(name string) string { return strings.ToValidUTF8(name, "\ufffd") }
