#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

int protocol_of(int fd)
{
	int protocol = -1;
	socklen_t length = sizeof protocol;
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length);
	return protocol;
}

// stream opens what a program usually does, and says what it got.
int stream(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);
	if (fd < 0)
		fail("socket");
	else
		printf("protocol %d\n", protocol_of(fd));
	return fd;
}

// parse reads the words ADDRESS and PORT.
static socklen_t parse(char **words, union address *a)
{
	memset(a, 0, sizeof *a);
	if (inet_pton(AF_INET, words[0], &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(atoi(words[1]));
		return sizeof a->v4;
	}
	inet_pton(AF_INET6, words[0], &a->v6.sin6_addr);
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = htons(atoi(words[1]));
	return sizeof a->v6;
}

// rest reads until the other end is done, and says what came.
static int rest(int fd)
{
	char text[100];
	size_t have = 0;
	ssize_t n;
	while (have < sizeof text - 1 && (n = read(fd, text + have, sizeof text - 1 - have)) > 0)
		have += n;
	if (n < 0)
		return fail("read");
	text[have] = 0;
	printf("got %s", text);
	return 0;
}

int client(char **words)
{
	union address a;
	socklen_t length = parse(words, &a);
	int fd = stream(a.any.sa_family);
	if (fd < 0)
		return 1;
	if (connect(fd, &a.any, length))
		return fail("connect");
	printf("connected %d\n", protocol_of(fd));
	if (write(fd, "ping\n", 5) != 5)
		return fail("write");
	return rest(fd) || close(fd) || go_on(words + 2);
}

int server(char **words)
{
	union address a;
	socklen_t length = parse(words, &a);
	int fd = stream(a.any.sa_family), on = 1;
	if (fd < 0)
		return 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &a.any, length) || listen(fd, 5))
		return fail("listen");
	printf("ready\n");
	int peer = accept(fd, NULL, NULL);
	if (peer < 0)
		return fail("accept");
	printf("accepted %d\n", protocol_of(peer));
	if (write(peer, "pong\n", 5) != 5)
		return fail("write");
	return rest(peer);
}

// each opens a socket for each line that it reads.
int each(char **words)
{
	char line[100];
	printf("ready\n");
	while (fgets(line, sizeof line, stdin))
		close(stream(line[0] == '6' ? AF_INET6 : AF_INET));
	return 0;
}

// open_one opens a socket.
int open_one(char **words)
{
	return close(stream(AF_INET)) || go_on(words);
}

// silent has nothing open, and tells by its exit code.
int silent(char **words)
{
	for (int fd = 0; fd < 1000; fd++)
		close(fd);
	return socket(AF_INET6, SOCK_STREAM, 0) || protocol_of(0) != 262;
}
