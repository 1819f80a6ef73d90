package vm

import "time"

// Job is what a virtual machine is started for: the tests of one package.
type Job struct {
	Package string // import path of the package whose tests run, as root
	Run     string // which tests, as of go test -run; "" is all
	// Want are names of tests that Run has to include, so that one which was renamed or
	// taken away is missed.
	Want []string

	Bench string // which benchmarks, as of go test -bench, each run once; "" is none

	// Programs are import paths of commands, built statically into /bin. One for
	// another architecture has it in front: "386:allroads/x/y" is /bin/y-386.
	Programs []string

	// Commands are programs of this machine ("ss") that are wanted in /bin, with
	// the shared libraries they need. One that is not installed makes the test
	// skip.
	Commands []string

	// Files are other files: the path in the guest, and the one here.
	Files map[string]string

	Modules []string // modules of the kernel to load, by name, e.g. "mptcp_diag"
	Kernel  string   // more words for the kernel's command line
	Env     []string // more of the environment, KEY=value
	CPUs    int      // 1 if 0: emulated ones may run into code that the kernel is patching (int3)
	Memory  int      // MiB; 512 if 0

	Timeout time.Duration // for all of it; 3 minutes if 0
}

// Plan is what the first process of the guest is told, as JSON, in PlanFile.
type Plan struct {
	Args    []string
	Env     []string
	Dir     string
	Modules []string // paths, in the order in which they are loaded
}

// Where things are in the guest.
const (
	PlanFile = "/plan.json"
	testFile = "/test/package.test"
	testDir  = "/test" // the working directory, with the package's testdata
)

// ResultPort is where the guest writes what the tests print. The kernel's own
// messages go to another, so that they are never in the middle of a line.
const ResultPort = "/dev/ttyS1"

// EndMark begins the last line of a guest whose tests came to an end, before their
// exit code.
const EndMark = "allroads-vm: tests ended with "
