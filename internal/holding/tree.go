package holding

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// Tree returns a process and all that have come from it, in the order of their
// numbers, itself first. One whose parent has ended belongs to another tree: the
// kernel does not remember.
func Tree(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	children := map[int][]int{}
	found := false
	for _, entry := range entries {
		number, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		found = found || number == pid
		if parent, ok := parentOf(number); ok {
			children[parent] = append(children[parent], number)
		}
	}
	if !found {
		return nil, explain(pid, os.ErrNotExist)
	}
	tree := []int{pid}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i]]...)
	}
	slices.Sort(tree[1:])
	return slices.Compact(tree), nil
}

// parentOf reads the fourth field of proc_pid_stat(5), behind a name in parentheses
// that may hold anything.
func parentOf(pid int) (int, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return parent, err == nil
}
