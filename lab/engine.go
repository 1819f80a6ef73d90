package lab

// Engine is what delays and loses the packets of links.
type Engine string

// The engines there are. The kernel's tc-netem(8) is not in every kernel; the
// one in userspace (internal/impair) is always there.
const (
	EngineAuto      Engine = "auto" // "" too: netem where the kernel has it
	EngineNetem     Engine = "netem"
	EngineUserspace Engine = "userspace"
)
