package cli

import (
	"os"

	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLabSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of topology files, for editors",
		Long: `schema prints the JSON Schema of topology files. Editors check and complete a file
that begins with the line

    # yaml-language-server: $schema=lab.schema.json

when this program's output is in that file.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			out := newScreen(os.Stdout)
			out.printf("%s", lab.Schema())
			return out.failed()
		},
	}
}
