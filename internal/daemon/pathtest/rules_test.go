package pathtest_test

import "testing"

// TestRules: connections to different ports, and of different users, have the strategies
// that the configuration says.
func TestRules(t *testing.T) {
	for port, joins := range map[string][]string{
		"80": nil,
		"81": {"red 10.0.1.2 > 10.0.1.1:81"},
		"82": {"blue 10.0.2.2 > 10.0.1.1:82"},
		"83": nil,
	} {
		t.Run(port, func(t *testing.T) {
			t.Parallel()
			s := build(t, "two")
			s.watch("client")
			s.allroadsd("rules")
			s.echoes("10.0.1.1:" + port)
			s.crowd(1, addr("10.0.1.1:"+port)).pings(t)
			s.joins(joins...)
			s.settled(joins...)
		})
	}
}
