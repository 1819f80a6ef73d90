package metered

import (
	"context"
	"fmt"
	"os"
)

// elsewhere tells whether the process behind a connection is known to be in another
// network namespace. An ordinary user cannot see that of root's processes; there the bus
// of this mount namespace is taken to be that of this network.
func (b *bus) elsewhere(ctx context.Context, connection string) bool {
	var pid uint32
	if err := b.ask(ctx, busName, busPath, busName+".GetConnectionUnixProcessID", []any{connection}, &pid); err != nil {
		return false
	}
	return processElsewhere(pid)
}

func processElsewhere(pid uint32) bool {
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return false
	}
	ours, err := os.Readlink("/proc/self/ns/net")
	return err == nil && ours != theirs
}
