package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"allroads/internal/holding"
	"allroads/internal/program"

	"github.com/spf13/cobra"
)

type checkProgramFlags struct{ json, tree bool }

func newCheckProgram() *cobra.Command {
	var flags checkProgramFlags
	command := &cobra.Command{
		Use:   "check-program PATH|NAME|PID",
		Short: "say whether and how a program can be made to use MPTCP",
		Long: `check-program says what a program is, and which ways lead it to MPTCP on this host,
before anything runs: static or not, Go with its version, set-uid, file capabilities,
32 bits, io_uring. It lists the socket options that the program sets, or may, and that
fail on an MPTCP socket: which do, the kernel is asked. All of it is read from the file.

    allroads check-program curl
    allroads check-program ./server
    allroads check-program --json /usr/sbin/sshd
    allroads check-program 4711
    allroads check-program --tree 4711

A number is a process: its sockets are listed, each as what it truly is: MPTCP, fell
back to TCP, or TCP from the start; with the options that it was seen to have set. A
file whose name is a number is ./NUMBER. A name without a slash is looked up in $PATH.

What is "seen" of options stands in the file; what is "known" is so of programs of that
name as a rule; what is "possible" may never happen, or be meant for sockets other than
TCP. What is not listed may be used all the same.

Exit code of a program: 0 it can be converted here, 1 it cannot, 3 that is not known.
Of a process: 0 it holds MPTCP sockets, 1 it holds none, 3 that is not known. 2 usage,
3 also what cannot be read.`,
		Args: arguments("PATH, NAME or PID"),
		RunE: func(c *cobra.Command, args []string) error {
			pid, isProcess, err := parsePID(args[0])
			if err == nil && flags.tree && !isProcess {
				err = errors.New("--tree: only a process has any: give its PID")
			}
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return checkProgram(c.Context(), &flags, args[0], pid)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.BoolVar(&flags.tree, "tree", false, "with a PID: look into the processes that it has started, too")
	f.BoolVar(&flags.json, "json", false, "print one JSON value")
	return command
}

// parsePID reads a word that is nothing but digits.
func parsePID(word string) (pid int, ok bool, err error) {
	for _, r := range word {
		if r < '0' || r > '9' {
			return 0, false, nil
		}
	}
	if word == "" {
		return 0, false, errors.New(`"": neither a path nor a process`)
	}
	number, err := strconv.ParseInt(word, 10, 32)
	if err != nil || number == 0 {
		return 0, false, fmt.Errorf("%s: not the number of a process: a file of that name is ./%s", word, word)
	}
	return int(number), true, nil
}

func checkProgram(ctx context.Context, flags *checkProgramFlags, word string, pid int) error {
	var checked checkedProgram
	var err error
	if pid > 0 {
		err = checked.readProcess(ctx, pid, flags.tree)
	} else {
		err = checked.readFile(word)
	}
	if err != nil {
		return err
	}
	out := newScreen(os.Stdout)
	if flags.json {
		out.json(checked.shown())
	} else {
		checkProgramView{out}.show(&checked)
	}
	if err := out.failed(); err != nil {
		return err
	}
	return checked.status()
}

// checkedProgram is what there is to be said.
type checkedProgram struct {
	program   *program.Program // nil: it is none, or that of a process cannot be read
	ways      []program.Way
	answer    program.Answer
	why       string // there is no program
	options   []checkedOption
	processes []*holding.Held // nil: a file was asked for
	notices   []string        // what could not be found out
}

// checkedOption is an option that the program uses, with what the kernel does.
type checkedOption struct {
	program.Use
	Fails *bool `json:"set_fails"`
}

// readFile inspects a program. That a file is none is an answer.
func (c *checkedProgram) readFile(word string) error {
	path, err := program.Find(word)
	if err == nil {
		c.program, err = program.Examine(path)
	}
	if errors.Is(err, program.ErrNotProgram) {
		c.program, c.answer, c.why = nil, program.No, oneLine(err)
		return nil
	}
	if err != nil {
		return err
	}
	c.ways = program.Ways(c.program, program.Here(c.program))
	c.answer = program.Convertible(c.ways)
	return c.tryOptions()
}

func (c *checkedProgram) readProcess(ctx context.Context, pid int, tree bool) error {
	pids, err := []int{pid}, error(nil)
	if tree {
		pids, err = holding.Tree(pid)
	}
	if err != nil {
		return err
	}
	for _, pid := range pids {
		held, err := holding.Of(ctx, pid)
		if err != nil {
			if pid == pids[0] {
				return err
			}
			c.notices = append(c.notices, oneLine(err)) // It has ended, or is another user's.
			continue
		}
		if err := held.Observe(); err != nil {
			c.notices = append(c.notices, oneLine(err))
		}
		c.processes = append(c.processes, held)
	}
	c.program, err = program.Examine(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		c.notices = append(c.notices, oneLine(err))
	} else {
		c.ways = program.Ways(c.program, program.Here(c.program))
	}
	c.answer = usesMPTCP(c.processes)
	return c.tryOptions()
}

// usesMPTCP is no only when all sockets are known to be others.
func usesMPTCP(processes []*holding.Held) program.Answer {
	answer := program.No
	for _, p := range processes {
		switch {
		case p.Count(holding.MPTCP) > 0:
			return program.Yes
		case p.Count(holding.Unknown) > 0:
			answer = program.Unknown
		}
	}
	return answer
}

func (c *checkedProgram) status() error {
	switch c.answer {
	case program.Yes:
		return nil
	case program.No:
		return status(exitNo)
	}
	return status(exitSystem)
}
