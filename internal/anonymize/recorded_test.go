package anonymize

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
)

// TestRecorded: in all captures of real kernels in the tree, package trace finds the
// same afterwards: HMACs, mappings, events, bytes, times.
func TestRecorded(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"../../trace/testdata/*.pcapng.gz", "../packets/testdata/*.pcapng.gz"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: none, %v", pattern, err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			packets, interfaces := readPackets(t, path)
			packets = onlyTCP(packets)
			if len(packets) < 10 {
				t.Fatalf("%d packets", len(packets))
			}
			var found []string
			for _, seed := range []string{"recorded", "recorded again"} {
				run, err := newRun(Options{Secret: []byte(seed)})
				if err != nil {
					t.Fatal(err)
				}
				var file bytes.Buffer
				if _, err := run.twice(t.Context(), []string{path}, &file); err != nil {
					t.Fatal(err)
				}
				after := report(written(t, file.Bytes()), len(interfaces))
				sameReport(t, run.rewriter, report(cutPayload(t, packets), len(interfaces)), after, run.moved())
				found = append(found, leaks(file.Bytes(), clues(t, packets))...)
			}
			slices.Sort(found) // A coincidence does not happen with each secret.
			if len(found) != len(slices.Compact(slices.Clone(found))) {
				t.Errorf("%q", found)
			}
		})
	}
}
