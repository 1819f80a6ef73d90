package cli

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

// appender writes JSON. What is not known is null.
type appender struct{ b []byte }

// take returns what has been written, which is valid until more is.
func (j *appender) take() []byte {
	text := j.b
	j.b = j.b[:0]
	return text
}

func (j *appender) raw(text string) { j.b = append(j.b, text...) }
func (j *appender) open(c byte)     { j.b = append(j.b, c) }
func (j *appender) close(c byte)    { j.b = append(j.b, c) }

// element begins an element, with a comma if it is not the first. What was taken
// ended in an element.
func (j *appender) element() {
	if len(j.b) == 0 || j.b[len(j.b)-1] != '[' {
		j.b = append(j.b, ',')
	}
}

func (j *appender) key(name string) {
	if j.b[len(j.b)-1] != '{' {
		j.b = append(j.b, ',')
	}
	j.b = append(j.b, '"')
	j.b = append(j.b, name...)
	j.b = append(j.b, '"', ':')
}

func (j *appender) null(name string) {
	j.key(name)
	j.raw("null")
}

func (j *appender) text(name, value string) {
	j.key(name)
	j.quote(value)
}

func (j *appender) textIf(name, value string, known bool) {
	if !known {
		j.null(name)
		return
	}
	j.text(name, value)
}

// quote writes a string, by hand if it is one of those that are nearly all.
func (j *appender) quote(value string) {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(value) // A string cannot fail.
			j.b = append(j.b, quoted...)
			return
		}
	}
	j.b = append(j.b, '"')
	j.b = append(j.b, value...)
	j.b = append(j.b, '"')
}

func (j *appender) truth(name string, value bool) {
	j.key(name)
	j.b = strconv.AppendBool(j.b, value)
}

func (j *appender) number(name string, value uint64) {
	j.key(name)
	j.b = strconv.AppendUint(j.b, value, 10)
}

func (j *appender) numberIf(name string, value uint64, known bool) {
	if !known {
		j.null(name)
		return
	}
	j.number(name, value)
}

// large writes a number that may be above 2^53 as a string, since many readers
// would round it.
func (j *appender) large(name string, value uint64, known bool) {
	if !known {
		j.null(name)
		return
	}
	j.key(name)
	j.b = append(j.b, '"')
	j.b = strconv.AppendUint(j.b, value, 10)
	j.b = append(j.b, '"')
}

// hex writes a token: eight hexadecimal digits.
func (j *appender) hex(name string, value uint32, known bool) {
	if !known {
		j.null(name)
		return
	}
	const digits = "0123456789abcdef"
	j.key(name)
	j.b = append(j.b, '"')
	for shift := 28; shift >= 0; shift -= 4 {
		j.b = append(j.b, digits[value>>shift&0xf])
	}
	j.b = append(j.b, '"')
}

// real writes a number with a given count of digits behind the point.
func (j *appender) real(name string, value *float64, digits int) {
	if value == nil {
		j.null(name)
		return
	}
	j.key(name)
	j.b = strconv.AppendFloat(j.b, *value, 'f', digits, 64)
}

// seconds writes a time span, to 1 µs.
func (j *appender) seconds(name string, d time.Duration, known bool) {
	if !known {
		j.null(name)
		return
	}
	j.key(name)
	micros := uint64(max(d, 0) / time.Microsecond)
	j.b = strconv.AppendUint(j.b, micros/1e6, 10)
	if rest := micros % 1e6; rest > 0 {
		j.b = append(j.b, '.')
		for unit := uint64(1e5); unit > rest; unit /= 10 {
			j.b = append(j.b, '0')
		}
		for rest%10 == 0 {
			rest /= 10
		}
		j.b = strconv.AppendUint(j.b, rest, 10)
	}
}

// at writes an address and a port, null when it is none.
func (j *appender) at(address, port string, value netip.AddrPort) {
	if !value.IsValid() {
		j.null(address)
		j.null(port)
		return
	}
	j.key(address)
	j.b = append(j.b, '"')
	j.b = value.Addr().AppendTo(j.b)
	j.b = append(j.b, '"')
	j.number(port, uint64(value.Port()))
}
