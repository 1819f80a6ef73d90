// Package manual writes the manual pages of commands, as man(7) has them, from what the
// commands themselves say.
package manual

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Section is where the pages of a program belong: 1, or 8 for what administrators run.
type Section int

// Write writes the page of a command and those of the commands below it.
func (s Section) Write(folder, version string, c *cobra.Command) error {
	path := filepath.Join(folder, fmt.Sprintf("%s.%d", pageName(c), s))
	if err := os.WriteFile(path, []byte(s.Page(version, c)), 0o644); err != nil {
		return fmt.Errorf("write manual: %w", err)
	}
	for _, below := range shownCommands(c) {
		if err := s.Write(folder, version, below); err != nil {
			return err
		}
	}
	return nil
}

func shownCommands(c *cobra.Command) (shown []*cobra.Command) {
	for _, below := range c.Commands() {
		if !below.Hidden && below.Name() != "help" {
			shown = append(shown, below)
		}
	}
	return shown
}

// pageName is what git has made usual: allroads-lab-run.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// Page is a command's page. The exit codes are those of all our programs.
func (s Section) Page(version string, c *cobra.Command) string {
	var b strings.Builder
	name := pageName(c)
	fmt.Fprintf(&b, ".TH %s %d \"\" \"allroads %s\" \"allroads manual\"\n", strings.ToUpper(escape(name)), s, escape(version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escape(name), escape(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", escape(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	text := c.Long
	if text == "" {
		text = c.Short
	}
	writeText(&b, text)
	s.commands(&b, c)
	writeFlags(&b, c.LocalFlags())
	b.WriteString(".SH EXIT STATUS\n0: yes, it is done. 1: the answer is no, as of a verdict. 2: the command line cannot be\n" +
		"understood. 3: the system cannot do it. 128 and N: signal N has ended it.\n")
	if c.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (%d)\n", escape(pageName(c.Parent())), s)
	}
	return b.String()
}

// writeText writes paragraphs; what is indented is shown as it is.
func writeText(b *strings.Builder, text string) {
	literal, paragraph := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			paragraph = true
			continue
		}
		if is := strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t"); is != literal {
			b.WriteString(map[bool]string{true: ".PP\n.in +4n\n.nf\n", false: ".fi\n.in\n.PP\n"}[is])
			literal, paragraph = is, false
		}
		if paragraph {
			b.WriteString(map[bool]string{true: ".sp\n", false: ".PP\n"}[literal])
			paragraph = false
		}
		fmt.Fprintln(b, escape(strings.TrimSpace(line)))
	}
	if literal {
		b.WriteString(".fi\n.in\n")
	}
}

func (s Section) commands(b *strings.Builder, c *cobra.Command) {
	shown := shownCommands(c)
	if len(shown) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, below := range shown {
		fmt.Fprintf(b, ".TP\n.BR %s (%d)\n%s\n", escape(pageName(below)), s, escape(below.Short))
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	b.WriteString(".SH OPTIONS\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			writeFlag(b, f)
		}
	})
}

func writeFlag(b io.Writer, f *pflag.Flag) {
	value, usage := pflag.UnquoteUsage(f)
	name := "\\-\\-" + escape(f.Name)
	if f.Shorthand != "" {
		name = "\\-" + f.Shorthand + ", " + name
	}
	if value != "" {
		name += " " + escape(value)
	}
	fmt.Fprintf(b, ".TP\n.B %s\n%s\n", name, escape(usage))
}

// escape keeps roff from taking text for its own: a backslash, a hyphen that is to
// be one, and a dot or quote at the beginning of a line.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
