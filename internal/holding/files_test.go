package holding

import "testing"

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint64{"socket:[12]": 12, "socket:[]": 0, "socket:12": 0, "pipe:[12]": 0, "/x/socket:[12]": 0, "": 0} {
		if got, ok := socketInode([]byte(link)); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", link, got, ok)
		}
	}
}
