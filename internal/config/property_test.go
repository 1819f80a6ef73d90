package config_test

import (
	"fmt"
	"strings"
	"testing"

	"allroads/internal/config"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestConfigFirstMatch: of the rules that match alone, the first decides.
func TestConfigFirstMatch(t *testing.T) {
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		c, f := configs().Draw(t, "configuration"), someFacts(t)
		want := ""
		for i, rule := range c.Interfaces {
			rule.Name = fmt.Sprint(i)
			alone := config.Config{Interfaces: []config.InterfaceRule{rule}}
			if c.Interfaces[i].Name = rule.Name; want == "" {
				if _, by := alone.Settings(f); by == rule.Name {
					want = by
				}
			}
		}
		settings, got := c.Settings(f)
		if want == "" && !strings.HasPrefix(got, "built-in: ") || want != "" && got != want {
			t.Fatalf("%s decides, want %q", got, want)
		}
		if settings.Role == "" || settings.Needs == "" {
			t.Fatalf("left open: %+v", settings)
		}
		if want != "" {
			decided++
		}
	})
	if decided == 0 && !testing.Short() {
		t.Error("no rule ever matched")
	}
}

// TestConfigFirstConnection does the same for connections whose owner is known, and holds
// that what is not known of the others is said.
func TestConfigFirstConnection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, f := configs().Draw(t, "configuration"), someConnection(t)
		want, sure := "strategy", true
		for i, rule := range c.Connections {
			rule.Name = fmt.Sprint(i)
			c.Connections[i].Name = rule.Name
			if want != "strategy" {
				continue
			}
			alone := config.Config{Connections: []config.ConnectionRule{rule}}
			_, by, known := alone.StrategyOf(f, nil)
			sure = sure && known
			if by == rule.Name {
				want = by
			}
		}
		if _, got, known := c.StrategyOf(f, nil); got != want || known != sure {
			t.Fatalf("%s decides (known: %t), want %s (%t)", got, known, want, sure)
		}
		if f.UID != nil && f.Cgroup != nil && !sure {
			t.Fatal("the owner is known, and yet it is not")
		}
	})
}

// TestConfigShadow: a rule that Check says is never asked is never the one that decides.
func TestConfigShadow(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		c := configs().Draw(t, "configuration")
		err := c.Check()
		if err == nil {
			return
		}
		nameless(c)
		f, g := someFacts(t), someConnection(t)
		g.UID, g.Cgroup = pointer(one(t, "uid", someUIDs...)), pointer(one(t, "cgroup", "/", "/a", "/a/b/c", "/d"))
		_, byInterface := c.Settings(f)
		_, byConnection, _ := c.StrategyOf(g, nil)
		for _, rule := range []string{byInterface, byConnection} {
			if strings.Contains(nameless(c).Check().Error(), "rule "+rule+" is never asked") {
				t.Fatalf("%s decided: %v", rule, err)
			}
		}
		found += strings.Count(err.Error(), "is never asked")
	})
	if found == 0 && !testing.Short() {
		t.Error("no rule was ever in another's shadow")
	}
}

func nameless(c *config.Config) *config.Config {
	for i := range c.Interfaces {
		c.Interfaces[i].Name = ""
	}
	for i := range c.Connections {
		c.Connections[i].Name = ""
	}
	return c
}

// TestConfigRoundTrip: what is written is read as the same, or is wrong in both.
func TestConfigRoundTrip(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		c := configs().Draw(t, "configuration")
		c.Strategy = someStrategy(t)
		wrong := c.Check()
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := config.Parse("t.yaml", text)
		if (err == nil) != (wrong == nil) {
			t.Fatalf("Check: %v; Parse: %v", wrong, err)
		}
		if err != nil {
			return
		}
		taken++
		if err := again.Check(); err != nil {
			t.Fatalf("read, but: %v", err)
		}
		if changes := config.Difference(c, again); len(changes) > 0 {
			t.Fatal(changes)
		}
		c.Strategy = again.Strategy // which has nothing left open, as Difference has compared
		if diff := cmp.Diff(c, again, compare); diff != "" {
			t.Fatal(diff)
		}
	})
	if taken == 0 && !testing.Short() {
		t.Error("none was right")
	}
}
