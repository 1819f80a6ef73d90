#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

enum { mptcp = 262 };

static const struct {
	const char *name;
	int family, type, protocol;
} kinds[] = {
	{"udp", AF_INET, SOCK_DGRAM, 0},
	{"udp6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
	{"udp that wants tcp", AF_INET, SOCK_DGRAM, IPPROTO_TCP},
	{"tcp that wants udp", AF_INET, SOCK_STREAM, IPPROTO_UDP},
	{"unix stream", AF_UNIX, SOCK_STREAM, 0},
	{"unix datagram", AF_UNIX, SOCK_DGRAM, 0},
	{"unix seqpacket", AF_UNIX, SOCK_SEQPACKET, 0},
	{"unix tcp", AF_UNIX, SOCK_STREAM, IPPROTO_TCP},
	{"netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
	{"sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP},
	{"sctp6", AF_INET6, SOCK_STREAM, IPPROTO_SCTP},
	{"sctp seqpacket", AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP},
	{"seqpacket", AF_INET, SOCK_SEQPACKET, 0},
	{"seqpacket tcp", AF_INET6, SOCK_SEQPACKET, IPPROTO_TCP},
	{"mptcp", AF_INET, SOCK_STREAM, mptcp},
	{"mptcp6", AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, mptcp},
	{"mptcp datagram", AF_INET, SOCK_DGRAM, mptcp},
	{"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP},
	{"raw tcp", AF_INET, SOCK_RAW, IPPROTO_TCP},
	{"raw6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
	{"raw 0", AF_INET, SOCK_RAW, 0},
	{"ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
	{"packet", AF_PACKET, SOCK_RAW, 0},
	{"dccp", AF_INET, SOCK_DCCP, IPPROTO_DCCP},
	{"smc", 43, SOCK_STREAM, 0},
	{"vsock", AF_VSOCK, SOCK_STREAM, 0},
	{"no type", AF_INET, 0, 0},
	{"type 15", AF_INET, 15, 0},
	{"no family", AF_UNSPEC, SOCK_STREAM, 0},
	{"family 99", 99, SOCK_STREAM, 0},
	{"family -1", -1, SOCK_STREAM, 0},
	{"protocol -1", AF_INET, SOCK_STREAM, -1},
	{"protocol 7", AF_INET, SOCK_STREAM, 7},
	{"protocol 256", AF_INET6, SOCK_STREAM, 256},
};

static void show(const char *name, int fd)
{
	if (fd < 0)
		printf("%s: errno %d\n", name, errno);
	else
		printf("%s: protocol %d, flags %x %x\n", name, protocol_of(fd), fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	close(fd);
}

// untouched asks for everything that is no TCP socket.
int untouched(char **words)
{
	int pair[2];
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		show(kinds[i].name, socket(kinds[i].family, kinds[i].type, kinds[i].protocol));
	show("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ? -1 : (close(pair[1]), pair[0]));
	show("pair of TCP", socketpair(AF_INET, SOCK_STREAM, 0, pair));
	return go_on(words);
}

// flags asks for TCP sockets in all ways that there are.
int flags(char **words)
{
	for (int i = 0; i < 16; i++) {
		int type = SOCK_STREAM | (i & 1 ? SOCK_CLOEXEC : 0) | (i & 2 ? SOCK_NONBLOCK : 0);
		show("tcp", socket(i & 4 ? AF_INET : AF_INET6, type, i & 8 ? IPPROTO_TCP : 0));
	}
	return go_on(words);
}
