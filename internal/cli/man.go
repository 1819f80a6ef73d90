package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(root *cobra.Command) *cobra.Command {
	var folder string
	command := &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "print the manual page of a command",
		Long: `man prints the manual page of a command, as man(7) has it, or writes the pages of
all commands into a folder:

    allroads man lab run | man -l -
    allroads man --all /usr/local/share/man/man1`,
		RunE: func(c *cobra.Command, args []string) error {
			if folder != "" {
				if len(args) > 0 {
					return &usageError{errors.New("--all and a command: one or the other"), c.CommandPath()}
				}
				return writePages(folder, root)
			}
			of, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return &usageError{unknownCommand(root, strings.Join(args, " ")), c.CommandPath()}
			}
			out := newScreen(os.Stdout)
			out.printf("%s", manual(of))
			return out.failed()
		},
	}
	command.Flags().StringVar(&folder, "all", "", "write the pages of all commands into `FOLDER`")
	return command
}

// writePages writes the page of a command and those of the commands below it.
func writePages(folder string, c *cobra.Command) error {
	path := filepath.Join(folder, pageName(c)+".1")
	if err := os.WriteFile(path, []byte(manual(c)), 0o644); err != nil {
		return fmt.Errorf("write manual: %w", err)
	}
	for _, below := range shownCommands(c) {
		if err := writePages(folder, below); err != nil {
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

// manual is a command's page.
func manual(c *cobra.Command) string {
	var b strings.Builder
	name := pageName(c)
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"allroads %s\" \"allroads manual\"\n", strings.ToUpper(escape(name)), escape(version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escape(name), escape(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", escape(c.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	text := c.Long
	if text == "" {
		text = c.Short
	}
	manualText(&b, text)
	manualCommands(&b, c)
	manualFlags(&b, c.LocalFlags())
	b.WriteString(".SH EXIT STATUS\n0: yes, it is done. 1: the answer is no, as of a verdict. 2: the command line cannot be\n" +
		"understood. 3: the system cannot do it. 128 and N: signal N has ended it.\n")
	if c.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (1)\n", escape(pageName(c.Parent())))
	}
	return b.String()
}

// manualText writes paragraphs; what is indented is shown as it is.
func manualText(b *strings.Builder, text string) {
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

func manualCommands(b *strings.Builder, c *cobra.Command) {
	shown := shownCommands(c)
	if len(shown) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, below := range shown {
		fmt.Fprintf(b, ".TP\n.BR %s (1)\n%s\n", escape(pageName(below)), escape(below.Short))
	}
}

func manualFlags(b *strings.Builder, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	b.WriteString(".SH OPTIONS\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			manualFlag(b, f)
		}
	})
}

func manualFlag(b io.Writer, f *pflag.Flag) {
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
