package lifetest_test

import program "allroads/internal/daemon"

// runDaemon is allroadsd.
func runDaemon(args []string) int { return program.Main(args) }
