// Package holding says what sockets a process holds, and what each truly is: TCP,
// MPTCP, or MPTCP that fell back to TCP.
package holding
