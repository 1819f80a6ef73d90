package lab_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/middlebox"
	"allroads/internal/netns"
	"allroads/lab"
	"allroads/pathmanager"
	"allroads/wire"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Each way to write a value is one to Parse and to the schema; the schema lets
// pass what is out of range.
func TestSchemaTexts(t *testing.T) {
	for name, one := range map[string]struct {
		texts string
		parse func(string) error
		loose bool
	}{
		"rate":     {`[+]?[0-9]{0,3}(\.[0-9]{0,3})?(e[+-]?[0-9]{0,2})?( |g|m|k|G|)(bit|bps)`, second(lab.ParseRate), true},
		"duration": {`[+]?([0-9]{0,2}(\.[0-9]{0,2})?(h|m|s|ms|us|µs|ns|d|)){0,3}`, second(time.ParseDuration), true},
		"percent":  {`[+]?[0-9]{0,3}(\.[0-9]{0,3})?(e[+-]?[0-9])?%?`, second(lab.ParsePercent), true},
		"bytes":    {`[+]?[0-9]{0,3}(\.[0-9]{0,2})?(e[+-]?[0-9])?(k|M|G|)B?`, second(lab.ParseBytes), true},
		"address":  {`[0-9]{1,3}(\.[0-2]?[0-9]{1,2}){3}\.?`, second(netip.ParseAddr), false},
		"prefix":   {`[0-9]{1,2}(\.[0-2]?[0-9]{1,2}){3}(/[0-9]{1,2})?`, second(netip.ParsePrefix), false},
		"host/properties/sysctls/propertyNames": {`net([./][a-z.:]{0,3}){0,3}`, func(text string) error {
			return map[bool]error{false: os.ErrInvalid}[netns.ValidSysctl(text)]
		}, false},
	} {
		schema := compiled(t, "/$defs/"+name)
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.StringMatching(one.texts).Draw(t, name)
			parse, valid := one.parse(text), schema.Validate(text)
			if parse == nil && valid != nil || parse != nil && valid == nil && !one.loose {
				t.Fatalf("%q: Parse: %v; schema: %v", text, parse, valid)
			}
		})
	}
	for name, parse := range map[string]func(string) error{"address": second(netip.ParseAddr), "prefix": second(netip.ParsePrefix)} {
		schema := compiled(t, "/$defs/"+name)
		rapid.Check(t, func(t *rapid.T) {
			address := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0xfd, 1}), 16, 16).Draw(t, "bytes")))
			text := address.String() + map[bool]string{true: fmt.Sprint("/", rapid.IntRange(0, 128).Draw(t, "bits"))}[name == "prefix"]
			if parse, valid := parse(text), schema.Validate(text); parse != nil || valid != nil {
				t.Fatalf("%q: %v; %v", text, parse, valid)
			}
		})
	}
}

func second[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error { _, err := parse(text); return err }
}

func TestSchemaExpectations(t *testing.T) {
	schema := compiled(t, "/$defs/expectation")
	for _, subject := range append(slices.Clone(lab.Subjects), lab.Subject{Name: "foo"}) {
		for _, of := range []string{"", "red-1"} {
			for _, op := range strings.Fields("== != < <= > >= = => <>") {
				for _, value := range strings.Fields("2 -2 1.5 10MB 2s 0 yes no maybe 64k") {
					text := strings.Join([]string{subject.Name, of, op, value}, " ")
					_, err := lab.ParseExpectation(text)
					loose := subject.Unit == lab.UnitBytes && value == "1.5"
					if valid := schema.Validate(text); (err == nil) != (valid == nil) && !loose {
						t.Errorf("%s: ParseExpectation: %v; schema: %v", text, err, valid)
					}
				}
			}
		}
	}
}

// The words of the schema are those that there are.
func TestSchemaWords(t *testing.T) {
	var options, flags, packets []string
	for s := wire.SubtypeMPCapable; s <= wire.SubtypeMPTCPRst; s++ {
		options = append(options, strings.ToLower(s.String()), s.String())
	}
	for flag := pathmanager.Flags(1); flag != 0; flag <<= 1 {
		if _, err := pathmanager.ParseFlag(flag.String()); err == nil {
			flags = append(flags, flag.String())
		}
	}
	for _, kind := range middlebox.PacketKinds {
		packets = append(packets, string(kind))
	}
	for place, want := range map[string][]string{
		"properties/engine":                       {string(lab.EngineAuto), string(lab.EngineNetem), string(lab.EngineUserspace)},
		"$defs/endpoint/properties/flags/items":   flags,
		"$defs/linkRule/properties/options/items": options,
		"$defs/linkRule/properties/packets":       packets,
		"$defs/step/properties/do":                {"down", "up"},
		"$defs/linkRule/properties/do":            {"drop", "strip", "rewrite"},
		"$defs/routerRule/properties/do":          {"drop", "strip", "reset"},
	} {
		w := schemaWalk{t: t, root: schemaDocument(t)}
		node, _ := w.follow(map[string]any{"$ref": "#/" + place})
		var got []string
		for _, word := range node["enum"].([]any) {
			got = append(got, word.(string))
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: words there are (-) and the schema's (+):\n%s", place, diff)
		}
	}
	if len(middlebox.Actions) != 4 {
		t.Errorf("what a middlebox does is %q: the schema knows drop, strip, reset and rewrite", middlebox.Actions)
	}
}
