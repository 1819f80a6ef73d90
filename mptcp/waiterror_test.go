package mptcp

import (
	"context"
	"errors"
	"testing"
)

func TestSubflowsErrorText(t *testing.T) {
	for _, test := range []struct {
		states []TCPState
		err    error
		want   string
	}{
		{nil, context.Canceled, "wait for 3 established subflows: none there: context canceled"},
		{[]TCPState{StateEstablished}, context.DeadlineExceeded,
			"wait for 3 established subflows: 1 there (1 ESTABLISHED): context deadline exceeded"},
		{[]TCPState{StateSynSent, StateClose, StateEstablished, StateSynSent}, context.DeadlineExceeded,
			"wait for 3 established subflows: 4 there (1 ESTABLISHED, 2 SYN_SENT, 1 CLOSE): context deadline exceeded"},
	} {
		err := &SubflowsError{Want: 3, Err: test.err}
		for _, state := range test.states {
			err.Subflows = append(err.Subflows, Subflow{State: state})
		}
		if err.Error() != test.want {
			t.Errorf("error %q, want %q", err, test.want)
		}
		if !errors.Is(err, test.err) {
			t.Errorf("%q does not wrap %v", err, test.err)
		}
	}
}
