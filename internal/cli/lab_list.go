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
			out := newScreen(os.Stdout)
			if asJSON {
				out.json(shownLabs{"allroads.labs/1", labs})
			} else {
				listLabs(out, labs)
			}
			return errors.Join(err, out.failed())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}

// shownLabs is what ls prints in JSON.
type shownLabs struct {
	Schema string             `json:"schema"`
	Labs   []supervisor.About `json:"labs"`
}

func listLabs(out *screen, labs []supervisor.About) {
	rows := [][]string{{"LAB", "HOSTS", "LINKS", "UP", "PID", "FILE"}}
	for _, l := range labs {
		rows = append(rows, []string{l.Name, strconv.Itoa(len(l.Hosts)), strconv.Itoa(l.Links), upFor(l),
			strconv.Itoa(l.Pid), l.File})
	}
	if len(labs) > 0 {
		out.table(rows)
	}
}

func upFor(l supervisor.About) string {
	if l.Since == 0 {
		return "not yet"
	}
	return time.Since(time.Unix(0, l.Since)).Round(time.Second).String()
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
				return downAll(c.Context())
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

func downAll(ctx context.Context) error {
	labs, err := supervisor.Labs(ctx)
	errs := []error{err}
	for _, l := range labs {
		if err := supervisor.Down(ctx, l.Name); !errors.Is(err, supervisor.ErrNoLab) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
