package control

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of an answer's head.
const (
	longestLine = 4096 // bytes
	mostLines   = 64
)

// head is an answer of HTTP/1.0 or 1.1 up to its body (RFC 9112), as far as it matters here.
type head struct {
	code   int
	length int64  // of the body in bytes, -1: to the end of the connection
	server string // "allroadsd/v1.2.3"
}

// whose names who has answered, as far as it is known.
func (h head) whose() string {
	if name, version, ok := strings.Cut(h.server, "/"); ok && name == "allroadsd" && version != "" {
		return printable(name + " " + version)
	}
	return "allroadsd"
}

var errNotHTTP = errors.New("what came is not an answer of HTTP: is it allroadsd that listens there?")

func readHead(in *bufio.Reader) (h head, err error) {
	line, err := readLine(in)
	if err != nil {
		return h, err
	}
	if h.code, err = statusCode(line); err != nil {
		return h, err
	}
	h.length = -1
	for range mostLines {
		line, err := readLine(in)
		if err != nil {
			return h, err
		}
		if line == "" {
			return h, nil
		}
		if err := h.field(line); err != nil {
			return h, err
		}
	}
	return h, fmt.Errorf("the answer has more than %d header lines: %w", mostLines, errNotHTTP)
}

// readLine reads a line, without its end.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("a header line has more than %d bytes: %w", longestLine, errNotHTTP)
	case errors.Is(err, io.EOF) && len(line) > 0:
		return "", fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return "", fmt.Errorf("read answer: %w", err)
	}
	return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
}

// statusCode reads "HTTP/1.0 200 OK".
func statusCode(line string) (int, error) {
	protocol, rest, _ := strings.Cut(line, " ")
	digits, _, _ := strings.Cut(rest, " ")
	code, err := strconv.ParseUint(digits, 10, 16)
	if protocol != "HTTP/1.0" && protocol != "HTTP/1.1" || len(digits) != 3 || err != nil || code < 200 {
		return 0, errNotHTTP
	}
	return int(code), nil
}

func (h *head) field(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return errNotHTTP
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "server":
		h.server = value
	case "transfer-encoding": // HTTP/1.0 has none.
		return fmt.Errorf("the answer comes with transfer encoding %q: %w", value, errNotHTTP)
	case "content-length":
		length, err := strconv.ParseUint(value, 10, 63)
		if err != nil || h.length >= 0 && h.length != int64(length) {
			return fmt.Errorf("the answer has content length %q: %w", value, errNotHTTP)
		}
		h.length = int64(length)
	}
	return nil
}
