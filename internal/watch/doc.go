// Package watch tells what became of MPTCP sockets that another program has: which
// connections are MPTCP and with how many subflows, which fell back to TCP, and what
// could not be seen. It reads the kernel's state of each, never what was configured.
//
// # How
//
// A socket that is registered in an epoll instance (Prepare) stays so as long as
// anybody has it open, although this process closes it: the entry belongs to the open
// file description. So the moment of connecting is seen while nothing of the socket is
// held. It is fetched from the program then (pidfd_getfd, Linux 5.6), asked, and closed
// again; its entry is taken out, so that no packet of data costs anything. It is asked
// again after 20 ms, 50 ms and so on up to each 2 s. Nothing is ever asked of it that
// changes it, as SO_ERROR would.
//
// While it is fetched, some microseconds each time, it has one owner more. If the program
// closes it just then, the FIN leaves that much later; with SO_LINGER and a time, the
// program's close() does not wait for it.
//
// A socket that is not where it was handed to (dup2, SCM_RIGHTS, a child that kept it) and
// one of a process that may not be looked into (set-uid, not dumpable, Yama) are looked
// for by their cookie in what sock_diag lists, as are connections that the program has
// closed and the kernel has not ended yet. That is one listing for all of them, seldom
// enough to take 2 % of a CPU.
//
// # What is not seen
//
// A connection that is closed before it could be asked is counted as unknown, and so is a
// socket that was closed and never seen to connect. Of connections over loopback that a
// program closed right after the answer to its request, 86 to 95 of 100 were seen (2 CPUs
// with work for five); of those that lived for 3 ms more, 99. Subflows are counted when somebody looks: what was there in between was not
// seen. Connections that listeners accept are found in listings, too.
package watch
