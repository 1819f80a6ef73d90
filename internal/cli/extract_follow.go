package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"allroads/internal/extract"
)

// follow writes the data of a connection.
func (j *extractJob) follow(ctx context.Context, files []string, out *extract.Output) error {
	emit, end := j.form(out)
	summary, err := extract.Stream(ctx, files, j.selectors, j.stream, emit)
	var missing *extract.HolesError
	if err != nil && !errors.As(err, &missing) {
		return j.refused(err)
	}
	if err := end(); err != nil {
		return fmt.Errorf("write data: %w", err)
	}
	if err := out.Commit(); err != nil {
		return fmt.Errorf("write data: %w", err)
	}
	j.told(&summary)
	if missing != nil {
		fmt.Fprintf(os.Stderr, "allroads: %v: what is in front is written; --holes zero or skip goes on\n", err)
		return status(exitNo)
	}
	return j.damaged(summary.Damage)
}

// form is how the data is written: as the bytes, or as a conversation.
func (j *extractJob) form(out *extract.Output) (emit func(*extract.Part) error, end func() error) {
	shown := newScreen(out.File)
	if !j.flags.hex && j.flags.follow != "both" && !shown.terminal() {
		plain := bufio.NewWriterSize(out, 256<<10)
		return func(p *extract.Part) error {
			_, err := plain.Write(p.Data)
			return err
		}, plain.Flush
	}
	conversation := extract.NewConversation(out, j.flags.hex, func(fromServer bool, text string) string {
		if fromServer {
			return shown.paint(blue, text)
		}
		return shown.paint(red, text)
	})
	return conversation.Add, conversation.Close
}

// told says what the data is not.
func (j *extractJob) told(s *extract.StreamSummary) {
	if s.Connection.Inferred != "" {
		j.progress.printf("the start of the connection was not captured: data begins with the first byte that was\n")
	}
	for i := range s.Ends {
		end := &s.Ends[i]
		from := "client"
		if end.FromServer {
			from = "server"
		}
		j.progress.printf("%s: %d bytes\n", from, end.Bytes)
		if j.stream.Holes != extract.HolesStop {
			for _, hole := range end.Holes {
				j.progress.printf("%s: bytes %v were not captured\n", from, hole)
			}
		}
		if !end.Complete {
			j.progress.printf("%s: it is not known that this was the end\n", from)
		}
	}
}
