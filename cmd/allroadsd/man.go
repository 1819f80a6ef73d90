package main

import (
	"allroads/internal/manual"

	"github.com/spf13/cobra"
)

// newMan is for who makes packages.
func newMan(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "write the manual pages of all commands into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return manual.Section(8).Write(args[0], root.Version, root)
		},
	}
}
