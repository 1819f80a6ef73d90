// The words of a command line are modes: each does its thing, and goes on with the
// words after its own.
typedef int mode(char **words);

int go_on(char **words);
int fail(const char *what);

int protocol_of(int fd);
int stream(int family);

mode client, server, each, open_one, silent;
mode many, fork_first, vfork_first, again, outlive, close_all, own_filter, own_listener, ring, starve, whoami, pid;
mode untouched, flags;
