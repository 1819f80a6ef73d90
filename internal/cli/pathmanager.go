package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allroads/internal/ipmptcp"

	"github.com/spf13/cobra"
)

// pathManagerCommand is a command whose words are those of ip-mptcp(8), or like
// them; package ipmptcp reads them.
type pathManagerCommand struct {
	name, use, short, long string
	words                  []string // that may follow
}

const pathManagerOptions = `

Options stand before or behind the words: -n NETNS is another network namespace (a
name under /run/netns, a path, or pid:N); -j and -p print JSON as ip does, --json one
with a schema; -o puts all on one line; -c colours. Exit code: 0 done, 2 the kernel
refuses, 255 the command line cannot be understood, 1 an address cannot be read. All
words may be shortened, and called through a link named ip-mptcp this program is
` + "`ip mptcp`."

var pathManagerCommands = []pathManagerCommand{
	{"endpoint", "endpoint add|delete|change|show|flush ...", "the local addresses that MPTCP may use: show and change them",
		`An endpoint is a local address that the in-kernel path manager may use for subflows
(subflow), or announce to the peer (signal).

    allroads endpoint add 10.2.0.2 dev lte subflow
    allroads endpoint add 192.0.2.7 port 4321 signal id 3
    allroads endpoint change id 3 backup
    allroads endpoint delete id 3
    allroads endpoint show
    allroads endpoint flush

    endpoint add ADDRESS [FLAG...] [dev NAME] [id ID] [port NR]
    FLAG is signal, subflow, laminar, backup, fullmesh

endpoint show token TOKEN lists what one connection has, under the userspace path
manager. TOKEN may be an ADDR:PORT that only this connection has.`, []string{"add", "delete", "change", "show", "flush"}},
	{"limits", "limits set|show ...", "how many subflows and announced addresses a connection may have",
		`limits are those of the in-kernel path manager: how many subflows a connection may
have beside its first, and how many addresses that the peer announces it takes.

    allroads limits set subflows 2 add_addr_accepted 1
    allroads limits show`, []string{"set", "show"}},
	{"monitor", "monitor [--all-namespaces] [--filter CONDITION,...]", "print what happens to MPTCP connections and their subflows",
		`monitor prints events of the kernel's path managers until Ctrl-C: connections and
subflows made and closed, addresses announced and removed, priorities. Events that
came too fast to be read are one of their own.

    allroads monitor
    allroads monitor --json --filter token=83119fc5
    allroads monitor --all-namespaces`, nil},
	{"announce", "announce TOKEN ADDRESS id ID [dev NAME] [port NR]", "announce an address on one connection (userspace path manager)",
		`announce sends an ADD_ADDR on one connection that was made under the userspace path
manager (sysctl net.mptcp.path_manager=userspace). TOKEN is as monitor and ss -M print
it, or an ADDR:PORT that only this connection has.

    allroads announce 83119fc5 192.0.2.7 id 3`, nil},
	{"withdraw", "withdraw TOKEN id ID", "take back an announced address on one connection (userspace path manager)",
		`withdraw sends a REMOVE_ADDR on one connection that was made under the userspace path
manager, and closes the subflows of that address.

    allroads withdraw 83119fc5 id 3`, nil},
	{"subflow", "subflow create|delete|priority TOKEN ...", "make, close and prefer subflows of one connection (userspace path manager)",
		`subflow drives the subflows of one connection that was made under the userspace path
manager.

    allroads subflow create 83119fc5 from 10.2.0.2 to 10.1.0.1:4321 id 2
    allroads subflow priority 83119fc5 from 10.2.0.2 to 10.1.0.1:4321 backup
    allroads subflow delete 83119fc5 from 10.2.0.2:40029 to 10.1.0.1:4321`, []string{"create", "delete", "priority"}},
}

func newPathManager() (commands []*cobra.Command) {
	for _, p := range pathManagerCommands {
		commands = append(commands, &cobra.Command{
			Use: p.use, Short: p.short, Long: p.long + pathManagerOptions,
			ValidArgs: p.words, DisableFlagParsing: true, DisableFlagsInUseLine: true,
			RunE: func(c *cobra.Command, args []string) error {
				if asksHelp(args) {
					return c.Help()
				}
				if code := runPathManager(c.Context(), append([]string{p.name}, args...)); code != exitYes {
					return status(code)
				}
				return nil
			},
		})
	}
	return commands
}

func asksHelp(args []string) bool {
	return slices.Contains(args, "--help") || slices.Contains(args, "-h")
}

func runPathManager(ctx context.Context, args []string) int {
	return ipmptcp.Command(ctx, args, os.Stdout, os.Stderr)
}

// atOnce runs the command lines that have to start as fast as ip, before all other
// commands are made: `ip mptcp` by its other name, and what begins with a word of
// the path manager's or one of ip's options.
func atOnce(program string, args []string) (code int, done bool) {
	switch {
	case filepath.Base(program) == "ip-mptcp":
		return ipmptcp.Run(whileMonitor(args), args, os.Stdout, os.Stderr), true
	case len(args) == 0 || asksHelp(args) || args[0] == "--version" || args[0] == "-v":
		return 0, false
	case strings.HasPrefix(args[0], "-") || isPathManagers(args[0]):
		return runPathManager(whileMonitor(args), args), true
	}
	return 0, false
}

// whileMonitor is a context that a signal ends if the command is one that waits:
// to listen for signals takes its time.
func whileMonitor(args []string) context.Context {
	if slices.ContainsFunc(args, func(word string) bool { return word != "" && strings.HasPrefix("monitor", word) }) {
		return untilSignal()
	}
	return context.Background()
}

// others are the commands that an abbreviation could mean besides; but for those that
// begin like endpoint: "e" and "en" are that, as in ip mptcp.
var others = []string{
	"analyze", "anonymize", "bench", "capture", "check-program", "completion", "conns", "demo", "disable", "help",
	"lab", "man", "nc", "paths", "reload", "run", "status", "top",
}

// isPathManagers reports whether a word is the beginning of one of the path
// manager's commands, and of no other.
func isPathManagers(word string) bool {
	begins := func(name string) bool { return strings.HasPrefix(name, word) }
	return word != "" && !slices.ContainsFunc(others, begins) &&
		slices.ContainsFunc(pathManagerCommands, func(p pathManagerCommand) bool { return begins(p.name) })
}
