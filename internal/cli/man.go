package cli

import (
	"errors"
	"os"
	"strings"

	"allroads/internal/manual"

	"github.com/spf13/cobra"
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
				return manual.Section(1).Write(folder, version(), root)
			}
			of, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return &usageError{unknownCommand(root, strings.Join(args, " ")), c.CommandPath()}
			}
			out := newScreen(os.Stdout)
			out.printf("%s", manual.Section(1).Page(version(), of))
			return out.failed()
		},
	}
	command.Flags().StringVar(&folder, "all", "", "write the pages of all commands into `FOLDER`")
	return command
}
