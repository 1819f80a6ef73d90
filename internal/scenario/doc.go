// Package scenario plays what a topology says is to happen in its lab, and holds
// what came of it against what was expected.
//
// # When steps begin
//
// Time counts from the beginning of the scenario, when the capture runs. A step
// with a time (at) begins at that time, whatever else goes on and wherever it
// stands in the list. A step without begins when all steps before it in the list
// have ended, those with a time included; the first one begins at once. So steps
// without times follow one another, and a time makes a step independent of those
// before it, not of those after it. A step that fails keeps no other from
// beginning.
//
// The steps end when all of them have, or when the scenario's timeout (a minute
// unless it says otherwise) has passed: then what still runs is ended, and what
// has not begun never does. The timeout counts for steps alone; closing and
// judging take some seconds more at most.
//
// # What steps do
//
//   - send makes one connection and sends over it; it has ended when the receiver
//     has all of it, or there was an error. Where a host has net.mptcp.enabled=0,
//     its end of the connection is plain TCP. The receiver is in To, on the port of
//     the address, at all of To's addresses of that family: a connection that a
//     load balancer takes to another host is refused there. Ports of senders are
//     61000 and above, a new one for each, which NAT is expected to keep.
//   - run starts a command; it has ended with the command. What the command
//     leaves behind in its process group is killed at the end of all steps.
//   - link changes a link. Set replaces the impairment of both directions.
//   - expect judges the packets up to now and what the kernel says now.
//
// # When steps fail
//
// A send fails when not all that was sent arrived unharmed, unless an expectation
// of the scenario is about what arrived of it (delivered, intact): then that
// decides, also when it could not connect or took too long; not when there could be
// no receiver, as its port was taken. A run fails when its exit code is not the one asked for, 0 if none was;
// but without one, expectations about its exit decide if there are any. It fails
// always when it cannot be started or takes too long. A link fails when the
// kernel refuses. An expect fails when one of its expectations is not met.
//
// A scenario passes when no step failed and all expectations are met. What is not
// known meets no expectation, whatever it says.
package scenario
