package matrix

import "testing"

// surroundings are what a program may look at, without what a filter and a tracer are seen
// by (NoNewPrivs, Seccomp, TracerPid).
const surroundings = `pwd; umask; env | sort; cat /proc/self/limits /proc/self/cgroup /proc/self/oom_score_adj
grep -E '^(Sig(Pnd|Blk|Ign)|ShdPnd|Cap|Groups|Uid|Gid|Cpus_allowed:)' /proc/self/status
for file in /proc/$$/fd/*; do echo ${file##*/}; done`

// TestSurroundings: the program has the same descriptors, signals, limits, rights,
// environment and folder as without us.
func TestSurroundings(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		j.program = []string{"/bin/sh", "-c", surroundings}
		want, o := j.plain(t), j.run(t)
		if len(want) < 40 {
			t.Fatalf("the program prints %q", want)
		}
		o.succeeded(t, want...)
	})
}
