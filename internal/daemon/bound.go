package daemon

import (
	"strconv"
	"strings"
)

// fewestEndpoints is what every kernel has room for (MPTCP_PM_ADDR_MAX of Linux 5.6).
const fewestEndpoints = 8

// boundIn finds the number in "limit greater than maximum (8)".
func boundIn(words string) int {
	_, rest, _ := strings.Cut(words, "(")
	number, _, _ := strings.Cut(rest, ")")
	bound, err := strconv.Atoi(number)
	if err != nil || bound < fewestEndpoints {
		return fewestEndpoints
	}
	return bound
}
