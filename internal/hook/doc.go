// Package hook makes the kernel give programs of a cgroup MPTCP sockets where they
// ask for TCP: a BPF program at update_socket_protocol, which net/socket.c calls in
// socket(2), since Linux 6.6, for nothing else.
//
// socket(AF_INET or AF_INET6, SOCK_STREAM, 0 or IPPROTO_TCP), with whatever flags,
// of a task in the cgroup or below becomes one of IPPROTO_MPTCP. All other calls,
// and all that other tasks do, go on as before. It costs no system call and no
// process: the hook works as long as somebody holds it, which may be a file of bpffs
// alone. What it cannot do:
//
//   - io_uring makes sockets without calling update_socket_protocol.
//   - Where the sysctl net.mptcp.enabled is 0, a converted socket(2) fails with
//     ENOPROTOOPT. Attach refuses that for its own network namespace and those of
//     the programs that are in the cgroup; later it cannot be seen from BPF.
//   - A kernel that preempts its own code (preempt=full) can have several tasks at the
//     hook of one processor at once, and does not enter a program twice. Another copy
//     takes the second; the call of a third stays TCP, and is in Counts.Missed. It
//     takes programs that do little but make sockets.
//   - A function has room for 38 programs, two for each hook (BPF_MAX_TRAMP_LINKS of
//     include/linux/bpf.h).
//   - Of several programs at this place, the one attached last is asked first, and
//     the first answer that is not 0 counts. Ours answers 0 to what it leaves alone;
//     one that answers with the protocol it was given keeps TCP for all before it.
package hook
