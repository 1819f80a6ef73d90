package lab_test

import (
	"regexp"
	"strings"
	"testing"

	"allroads/examples"
	"allroads/lab"
)

// What a shell takes as it stands, and what is in quotes.
var (
	harmless = regexp.MustCompile(`^[A-Za-z0-9 ._:,/=@-]+$`)
	quoted   = regexp.MustCompile(`'[^']*'`)
)

// FuzzParse holds that Parse ends with a topology that is valid and whose
// commands can be given to a shell, or with an error that names the file.
func FuzzParse(f *testing.F) {
	f.Add(examples.TwoPaths)
	f.Fuzz(func(t *testing.T, text []byte) {
		topology, err := lab.Parse("fuzz.yaml", text)
		if err != nil {
			if !strings.Contains(err.Error(), "topology fuzz.yaml:") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		if err := topology.Validate(); err != nil {
			t.Errorf("parsed, but: %v", err)
		}
		for _, command := range lab.Commands(topology) {
			if !harmless.MatchString(quoted.ReplaceAllString(command, "")) {
				t.Errorf("command %q means something to a shell", command)
			}
		}
	})
}
