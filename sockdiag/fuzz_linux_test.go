package sockdiag

import (
	"testing"

	"allroads/internal/inetdiag"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: no message makes a decoder panic, and what is told does not depend on
// what was read before.
func FuzzDecode(f *testing.F) {
	for _, message := range captured(f) {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m message
		if err := m.decode(b); (err != nil) != (len(b) < inetdiag.MessageLen) {
			t.Fatalf("%d bytes: %v", len(b), err)
		} else if err != nil {
			return
		}
		var fresh, used Connection
		if err := used.decode(read(t, captured(t)["connection"])); err != nil {
			t.Skip("on a big-endian machine")
		}
		wrong, again := fresh.decode(&m), used.decode(&m)
		if (wrong == nil) != (again == nil) {
			t.Fatalf("decoded with %v, and again with %v", wrong, again)
		}
		if diff := cmp.Diff(fresh, used, equateAddrs); diff != "" && wrong == nil {
			t.Errorf("what was read before shows:\n%s", diff)
		}
		first, second := record{}, record{token: 1, details: true, next: 3}
		if is := first.decode(&m); is != second.decode(&m) || first != second {
			t.Errorf("%+v, and again %+v", first, second)
		} else if is {
			var s Subflow
			first.unpack(&s, new(Details))
			lookup := first.lookup()
			_ = lookup.Append(nil)
		}
		ulp := m.attributes.Find(inetdiag.AttrULPInfo)
		_ = isMPTCP(ulp)
	})
}

// FuzzSockID: what is read is written as it was.
func FuzzSockID(f *testing.F) {
	f.Add(make([]byte, inetdiag.IDLen))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != inetdiag.IDLen {
			return
		}
		var id inetdiag.ID
		id.Decode(b)
		if got := id.Append(nil); string(got) != string(b) {
			t.Errorf("%x becomes %x", b, got)
		}
	})
}
