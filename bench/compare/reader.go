package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// reader is a program that reads a capture. Its output goes nowhere.
type reader struct {
	name  string
	once  bool // it takes too long to run it again
	words []string
	costs []cost
}

// cost is what a run took.
type cost struct {
	wall, cpu time.Duration
	memory    int64 // bytes, at most
}

func (s *settings) readers(file string) []*reader {
	all := []*reader{
		{name: "reading alone (dd bs=256k)", words: []string{"dd", "if=" + file, "of=/dev/null", "bs=256k", "status=none"}},
		{name: "tcpdump -w /dev/null", words: []string{"tcpdump", "-r", file, "-w", "/dev/null"}},
		{name: "allroads analyze", words: []string{s.allroads, "analyze", file}},
		{name: "allroads analyze --ndjson", words: []string{s.allroads, "analyze", "--ndjson", file}},
		{name: "tcptrace -n", words: []string{"tcptrace", "-n", file}},
		{name: "allroads analyze --packets", words: []string{s.allroads, "analyze", "--packets", file}},
		{name: "tcpdump -n", words: []string{"tcpdump", "-n", "-r", file}},
	}
	if s.tshark {
		all = append(all, &reader{name: "tshark, MPTCP mappings", once: true, words: []string{
			"tshark", "-n", "-r", file, "-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.relative_sequence_numbers:TRUE",
			"-T", "fields", "-e", "mptcp.stream", "-e", "mptcp.related_mapping", "-e", "mptcp.reinjection_of",
		}})
	}
	return slices.DeleteFunc(all, func(r *reader) bool {
		_, err := exec.LookPath(r.words[0])
		if err != nil {
			fmt.Fprintf(os.Stderr, "compare: %s is not installed, and left out\n", r.words[0])
		}
		return err != nil
	})
}

func (r *reader) run(ctx context.Context) error {
	command := exec.CommandContext(ctx, r.words[0], r.words[1:]...)
	var said strings.Builder
	command.Stderr = &said
	began := time.Now()
	err := command.Run()
	wall := time.Since(began)
	if err != nil {
		return fmt.Errorf("%v: %w: %s", r.words, err, said.String())
	}
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	r.costs = append(r.costs, cost{
		wall: wall, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime(), memory: int64(usage.Maxrss) << 10,
	})
	return nil
}

// median is of each figure alone.
func (r *reader) median() (m cost) {
	figure := func(of func(cost) int64) int64 {
		var all []int64
		for _, c := range r.costs {
			all = append(all, of(c))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	m.wall = time.Duration(figure(func(c cost) int64 { return int64(c.wall) }))
	m.cpu = time.Duration(figure(func(c cost) int64 { return int64(c.cpu) }))
	m.memory = figure(func(c cost) int64 { return c.memory })
	return m
}

// compare runs all readers in turns and prints the table of a file.
func (s *settings) compare(ctx context.Context, file string) error {
	readers := s.readers(file)
	for round := range s.runs {
		for _, r := range readers {
			if r.once && round > 0 {
				continue
			}
			if err := r.run(ctx); err != nil {
				return err
			}
		}
	}
	packets, err := s.count(ctx, file)
	if err != nil {
		return err
	}
	return s.table(file, packets, readers)
}

// count asks tcpdump how many packets a file has.
func (s *settings) count(ctx context.Context, file string) (int64, error) {
	out, err := exec.CommandContext(ctx, "tcpdump", "--count", "-r", file).Output()
	if err != nil {
		return 0, fmt.Errorf("count the packets of %s by tcpdump: %w", file, err)
	}
	number, _, _ := strings.Cut(string(out), " ")
	return strconv.ParseInt(number, 10, 64)
}
