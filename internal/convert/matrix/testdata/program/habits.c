#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

static int end_of(pid_t child)
{
	int status;
	if (waitpid(child, &status, 0) != child)
		return fail("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

enum { threads = 20 };
static int of_each, mptcp, other;

static void *opener(void *unused)
{
	for (int i = 0; i < of_each; i++) {
		int fd = socket(i % 2 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
		__atomic_add_fetch(fd >= 0 && protocol_of(fd) == 262 ? &mptcp : &other, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

// many N opens N sockets from threads, and keeps them.
int many(char **words)
{
	pthread_t all[threads];
	of_each = atoi(words[0]) / threads;
	for (int i = 0; i < threads; i++)
		if ((errno = pthread_create(&all[i], NULL, opener, NULL)))
			return fail("thread");
	for (int i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	printf("%d of MPTCP, %d others\n", mptcp, other);
	return go_on(words + 1);
}

int fork_first(char **words)
{
	fflush(stdout);
	pid_t child = fork();
	return child ? end_of(child) : go_on(words);
}

static int self(char **words)
{
	words[-1] = "program";
	execv("/proc/self/exe", words - 1);
	return fail("exec");
}

int again(char **words)
{
	close(stream(AF_INET));
	return self(words);
}

int vfork_first(char **words)
{
	pid_t child = vfork();
	if (!child)
		_exit(self(words));
	return end_of(child);
}

// outlive ends when a process of its own session goes on.
int outlive(char **words)
{
	fflush(stdout);
	if (fork())
		return 0;
	setsid();
	if (fork())
		_exit(0);
	return go_on(words);
}

int close_all(char **words)
{
	if (syscall(SYS_close_range, 3, ~0U, 0))
		return fail("close");
	return go_on(words);
}

// own_filter forbids acct().
int own_filter(char **words)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_acct, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOANO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {4, code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return fail("filter");
	if (syscall(SYS_acct, NULL) != -1 || errno != ENOANO)
		return fail("acct");
	return go_on(words);
}

// own_listener wants to answer acct() itself.
int own_listener(char **words)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_acct, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {4, code};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter) < 0)
		fail("listener");
	else
		printf("listener: mine\n");
	return go_on(words);
}

int ring(char **words)
{
	char params[120] = {0}; // struct io_uring_params
	if (syscall(SYS_io_uring_setup, 4, params) < 0)
		fail("io_uring");
	else
		printf("io_uring: mine\n");
	return go_on(words);
}

// starve opens sockets until it may have no more.
int starve(char **words)
{
	struct rlimit limit = {20, 20};
	int n = 0, fd;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return fail("limit");
	while ((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0)
		n += protocol_of(fd) == 262;
	printf("%d of MPTCP, errno %d\n", n, errno);
	close(19);
	return go_on(words);
}

int whoami(char **words)
{
	printf("euid %d\n", geteuid());
	return go_on(words);
}

int pid(char **words)
{
	printf("pid %d\n", getpid());
	return go_on(words);
}
