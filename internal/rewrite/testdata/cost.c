// Prints the nanoseconds that each of some calls takes.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void none(int signal) {}

static void tcp(void) { close(socket(AF_INET, SOCK_STREAM, 0)); }
static void mptcp(void) { close(socket(AF_INET, SOCK_STREAM, 262)); }
static void udp(void) { close(socket(AF_INET, SOCK_DGRAM, 0)); }
static void ppid(void) { syscall(SYS_getppid); }
static void signals(void) { raise(SIGUSR1); }

static void forks(void)
{
	if (!fork())
		_exit(0);
	wait(0);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	struct { char *name; void (*call)(void); int n; } all[] = {
		{"tcp", tcp, 3000}, {"mptcp", mptcp, 3000}, {"udp", udp, 30000}, {"getppid", ppid, 300000},
		{"signal", signals, 3000}, {"fork", forks, 300},
	};
	signal(SIGUSR1, none);
	for (int i = 0; i < 6; i++) {
		for (int j = 0; j < all[i].n / 10; j++)
			all[i].call();
		double start = now();
		for (int j = 0; j < all[i].n; j++)
			all[i].call();
		printf("%s %.1f\n", all[i].name, (now() - start) / all[i].n);
	}
	return 0;
}
