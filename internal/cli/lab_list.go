package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"allroads/internal/supervisor"

	"github.com/spf13/cobra"
)

func newLabList() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "list the labs that are up",
		Long:    "ls lists the labs of this user that `allroads lab up` has built.",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			labs, err := supervisor.Labs(c.Context())
			if err != nil {
				return err
			}
			out := newScreen(os.Stdout)
			if asJSON {
				out.json(labs)
			} else {
				listLabs(out, labs)
			}
			return out.failed()
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print a JSON list")
	return command
}

func listLabs(out *screen, labs []supervisor.About) {
	rows := [][]string{{"LAB", "HOSTS", "LINKS", "UP", "PID", "FILE"}}
	for _, l := range labs {
		up := time.Since(time.Unix(0, l.Since)).Round(time.Second)
		rows = append(rows, []string{l.Name, strconv.Itoa(len(l.Hosts)), strconv.Itoa(l.Links), up.String(),
			strconv.Itoa(l.Pid), l.File})
	}
	if len(labs) > 0 {
		out.table(rows)
	}
}

// json prints a value as one of JSON.
func (s *screen) json(value any) {
	if s.err == nil {
		encoder := json.NewEncoder(s.file)
		encoder.SetIndent("", "  ")
		s.err = encoder.Encode(value)
	}
}

// table prints rows in columns, the first one as a heading.
func (s *screen) table(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for i, row := range rows {
		line := ""
		for j, cell := range row {
			if j < len(row)-1 {
				cell = fmt.Sprintf("%-*s  ", widths[j], cell)
			}
			line += cell
		}
		if i == 0 {
			line = s.paint(bold, line)
		}
		s.printf("%s\n", line)
	}
}

func newLabDown() *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:   "down LAB...",
		Short: "take labs down",
		Long:  "down ends what runs in a lab and takes it down. When it returns, nothing is left.",
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case all && len(args) > 0:
				return &usageError{errors.New("--all and names of labs: one or the other"), c.CommandPath()}
			case !all && len(args) == 0:
				return &usageError{errors.New("missing LAB"), c.CommandPath()}
			}
			if all {
				var err error
				if args, err = labNames(c.Context()); err != nil {
					return err
				}
			}
			var errs []error
			for _, name := range args {
				errs = append(errs, supervisor.Down(c.Context(), name))
			}
			return errors.Join(errs...)
		},
	}
	command.Flags().BoolVar(&all, "all", false, "all labs of this user")
	return command
}

func labNames(ctx context.Context) (names []string, err error) {
	labs, err := supervisor.Labs(ctx)
	for _, l := range labs {
		names = append(names, l.Name)
	}
	return names, err
}
