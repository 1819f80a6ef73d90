package netcat

import (
	"context"
	"fmt"
	"os"
)

// runPiped copies between the program and the connection.
func (s *session) runPiped(ctx context.Context) error {
	cmd := s.command()
	theirInput, output, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe for %s: %w", cmd.Args[0], err)
	}
	defer output.Close()
	input, theirOutput, err := os.Pipe()
	if err != nil {
		theirInput.Close()
		return fmt.Errorf("make a pipe for %s: %w", cmd.Args[0], err)
	}
	defer input.Close()
	cmd.Stdin, cmd.Stdout = theirInput, theirOutput
	ended, err := start(cmd)
	theirInput.Close()
	theirOutput.Close()
	if err != nil {
		return err
	}
	s.input, s.output, s.follows, s.copied = input, output, true, true
	if err := s.relay(ctx); err != nil {
		kill(cmd, ended)
		return err
	}
	return awaitProgram(ctx, func() { kill(cmd, ended) }, ended)
}

// awaitProgram waits for a program that has no more to say.
func awaitProgram(ctx context.Context, kill func(), ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		kill()
		return context.Cause(ctx)
	}
}
