// Asks for sockets of all kinds and prints what each came to: its SO_PROTOCOL, or errno.
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>

static void ask(int family, int type, int protocol)
{
	int got = -1;
	socklen_t size = sizeof got;
	int fd = socket(family, type, protocol);
	if (fd < 0) {
		printf("%d %#x %d: errno %d\n", family, type, protocol, errno);
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &got, &size);
	printf("%d %#x %d: fd %d protocol %d cloexec %d nonblock %d\n", family, type, protocol, fd, got,
	       fcntl(fd, F_GETFD) & 1, (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
}

int main(void)
{
	int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, 9999, -1};
	int types[] = {SOCK_STREAM, SOCK_STREAM | SOCK_CLOEXEC, SOCK_STREAM | SOCK_NONBLOCK,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW, 77, 1 | 0x100000};
	int protocols[] = {0, 6, 17, 132, 262, 1, -1, 70000};
	for (unsigned f = 0; f < sizeof families / sizeof *families; f++)
		for (unsigned t = 0; t < sizeof types / sizeof *types; t++)
			for (unsigned p = 0; p < sizeof protocols / sizeof *protocols; p++)
				ask(families[f], types[t], protocols[p]);
	return 0;
}
