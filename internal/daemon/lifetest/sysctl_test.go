package lifetest_test

import (
	"os"
	"strings"
)

// setting is the file of a setting. An interface's name has no dot here.
func setting(key string) string { return "/proc/sys/" + strings.ReplaceAll(key, ".", "/") }

// sysctl changes a setting of the client.
func (n *network) sysctl(key, value string) {
	n.t.Helper()
	err := n.client.Run(func() error { return os.WriteFile(setting(key), []byte(value), 0) })
	if err != nil {
		n.t.Fatal(err)
	}
}

// setting is the client's.
func (n *network) setting(key string) (value string) {
	n.t.Helper()
	err := n.client.Run(func() error {
		text, err := os.ReadFile(setting(key))
		value = strings.TrimSpace(string(text))
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return value
}
