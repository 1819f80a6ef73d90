package document

import (
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// checkTabs finds a tab inside a text without quotes, which the YAML library
// drops: of 4096<tab>8192, as sysctl(8) prints it, 40968192 would be left.
func checkTabs(tokens token.Tokens) error {
	for _, t := range tokens {
		switch t.Type {
		case token.CommentType, token.SingleQuoteType, token.DoubleQuoteType, token.InvalidType:
			continue
		}
		if strings.Count(strings.TrimSpace(t.Origin), "\t") > strings.Count(t.Value, "\t") {
			return &yaml.SyntaxError{Message: "a tab inside a text: put the text in single quotes", Token: t}
		}
	}
	return nil
}
