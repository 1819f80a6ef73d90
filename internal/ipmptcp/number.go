package ipmptcp

import (
	"strconv"
	"strings"
)

// number reads a number as the C library does where iproute2 asks it to: white
// space and a plus before it, hexadecimal behind 0x, octal behind 0.
func number(text string, bits int) (uint64, bool) {
	digits := strings.TrimPrefix(strings.TrimLeft(text, " \t\n\v\f\r"), "+")
	base := 10
	if after, hexadecimal := cutHexadecimal(digits); hexadecimal {
		base, digits = 16, after
	} else if strings.HasPrefix(digits, "0") {
		base = 8
	}
	if digits == "" || digits[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, bits)
	return n, err == nil
}

func cutHexadecimal(digits string) (string, bool) {
	if len(digits) > 1 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		return digits[2:], true
	}
	return digits, false
}
