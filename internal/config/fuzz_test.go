package config_test

import (
	"strings"
	"testing"

	"allroads/internal/config"

	"github.com/goccy/go-yaml"
)

// FuzzConfigParse holds that Parse ends with a configuration that is right, can be asked,
// and is read as the same when it is written again; or with an error that names the file.
func FuzzConfigParse(f *testing.F) {
	for _, name := range []string{"everything", "laptop", "server"} {
		f.Add([]byte(file(f, "testdata/"+name+".yaml")))
	}
	for _, test := range wrong {
		f.Add([]byte(test.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("fuzz.yaml", text)
		if err != nil {
			if !strings.Contains(err.Error(), "configuration fuzz.yaml:") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		if err := c.Check(); err != nil {
			t.Errorf("parsed, but: %v", err)
		}
		c.Settings(config.Facts{Name: "eth0", Type: config.Ethernet})
		c.StrategyOf(config.ConnectionFacts{}, nil)
		written, err := yaml.Marshal(c)
		must(t, err)
		again, err := config.Parse("again.yaml", written)
		if err != nil {
			t.Fatalf("written as\n%s\n%v", written, err)
		}
		if changes := config.Difference(c, again); len(changes) > 0 {
			t.Errorf("%v, written as\n%s", changes, written)
		}
	})
}
