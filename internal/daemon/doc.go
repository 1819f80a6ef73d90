// Package daemon is allroadsd: a worker for each network namespace that hears what
// happens, asks policy and steering what to do, and does it.
package daemon
