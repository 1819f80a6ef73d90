package wire_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"allroads/wire"
)

// steps calls Next until it is done and notes what it yields; an error with a rest goes on.
func steps(t testing.TB, options []byte) []string {
	var got []string
	for range len(options) + 1 {
		opt, rest, err := wire.Next(options)
		switch {
		case err != nil && opt != nil:
			t.Fatalf("got an option and %v", err)
		case err != nil:
			got = append(got, err.Error())
		case opt != nil:
			got = append(got, fmt.Sprintf("%x", []byte(opt)))
		}
		if rest == nil {
			return got
		}
		options = rest
	}
	t.Fatalf("Next never ends on %x", options)
	return nil
}

func TestNext(t *testing.T) {
	const truncated = "TCP option runs past the end of the options"
	tests := []struct {
		name, options string
		want          []string
	}{
		{"nothing", "", nil},
		{"NOPs only", "010101", nil},
		{"SYN: MSS, SACK permitted, timestamps, NOP, window scale, MPTCP",
			"020405b40402080a0000000100000000010303071e040101", []string{"1e040101"}},
		{"two and NOPs", "01011e0350011e044005", []string{"1e0350", "1e044005"}},
		{"end of list hides the rest", "1e0350001e044005", []string{"1e0350"}},
		{"no length byte", "01011e", []string{truncated}},
		{"no length byte, other kind", "08", []string{truncated}},
		{"length 0", "1e0350021e0850021e00", []string{"1e0350", truncated}},
		{"length 1, other kind", "0801", []string{truncated}},
		{"length past the end", "1e0c6000", []string{truncated}},
		{"length past the end by one", "1e0450", []string{truncated}},
		{"length past the end, other kind", "080a0000", []string{truncated}},
		{"MPTCP without its subtype, then another", "1e021e0350", []string{"wrong option length", "1e0350"}},
		{"MPTCP without its subtype at the end", "1e02", []string{"wrong option length"}},
		{"kind 31 of length 2", "1f021e0350", []string{"1e0350"}},
	}
	for _, tt := range tests {
		if got := steps(t, unhex(t, tt.options)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNextErrors(t *testing.T) {
	opt, rest, err := wire.Next([]byte{30, 0})
	if opt != nil || rest != nil || !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("length 0: got %v, %v, %v, want ErrTruncated only", opt, rest, err)
	}
	opt, rest, err = wire.Next([]byte{30, 2, 1})
	if opt != nil || !slices.Equal(rest, []byte{1}) || !errors.Is(err, wire.ErrLength) {
		t.Errorf("length 2: got %v, %v, %v, want the NOP and ErrLength", opt, rest, err)
	}
}

// An append to an option must not write over the one behind it.
func TestNextLimitsCapacity(t *testing.T) {
	options := unhex(t, "1e03501e044005")
	opt, _, _ := wire.Next(options)
	_ = append(opt, 0xff)
	if options[3] != 30 {
		t.Errorf("append wrote into the next option: %x", options)
	}
}

// The byte behind the options is the payload's.
func TestNextStaysInside(t *testing.T) {
	segment := unhex(t, "1e045001")
	if opt, _, err := wire.Next(segment[:3]); opt != nil || !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("got %x, %v, want ErrTruncated", []byte(opt), err)
	}
}

func TestSubtypeOfShortOption(t *testing.T) {
	for _, o := range []wire.Option{nil, {}, {30}, {30, 2}} {
		if got := o.Subtype(); got != 255 {
			t.Errorf("%x: got %d, want 255", []byte(o), got)
		}
	}
}
