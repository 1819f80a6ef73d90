package notify

import (
	"fmt"
	"testing"

	"allroads/internal/netns/netnstest"
)

// TestThere: both ways into another namespace, and back.
func TestThere(t *testing.T) {
	ns := netnstest.New(t)
	path := fmt.Sprintf("/proc/self/fd/%d", ns.Fd())
	err := onThread(func() error {
		h := findHome()
		defer h.close()
		want, err := placeAt(path)
		if err != nil || h.back < 0 || want == h.place {
			return fmt.Errorf("home %+v, there %+v, %w", h, want, err)
		}
		for _, home := range []home{h, {h.place, -1}} {
			s := &server{home: home}
			var got place
			if err := s.there(path, func() { got, _ = placeAt("/proc/thread-self/ns/net") }); err != nil || got != want {
				t.Errorf("%+v: in %+v, want %+v, %v", home, got, want, err)
			}
			if now, _ := placeAt("/proc/thread-self/ns/net"); now != h.place || s.home != home {
				t.Errorf("%+v: back in %+v", home, now)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
