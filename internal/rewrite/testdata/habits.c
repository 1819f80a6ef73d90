// One thing that programs do, of each kind that a tracer could get wrong.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

// ask returns the protocol of a new TCP socket, or its errno as a negative number.
static int ask(void)
{
	int got = -1;
	socklen_t size = sizeof got;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &got, &size);
	close(fd);
	return got;
}

static void say(const char *who)
{
	char line[100];
	int n = snprintf(line, sizeof line, "%s %d\n", who, ask());
	if (write(1, line, n) != n)
		_exit(98);
}

static void must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		_exit(97);
	}
}

// registers makes a call in line, with every register set, and looks at each after it.
static void registers(void)
{
#ifdef __x86_64__
	unsigned long before[16], after[16];
	for (int i = 0; i < 16; i++)
		before[i] = 0x1122334455667700UL + i;
	before[0] = SYS_socket;
	before[5] = AF_INET;            // rdi
	before[4] = SOCK_STREAM;        // rsi
	before[3] = 0xdead00000000UL;   // rdx: an int is in its lower half
	asm volatile("push %%rbp\n push %%rbx\n push %1\n mov %0, %%rax\n"
		     "mov 8(%%rax), %%rbx\n mov 24(%%rax), %%rdx\n mov 32(%%rax), %%rsi\n mov 40(%%rax), %%rdi\n"
		     "mov 48(%%rax), %%rbp\n mov 64(%%rax), %%r8\n mov 72(%%rax), %%r9\n mov 80(%%rax), %%r10\n"
		     "mov 96(%%rax), %%r12\n mov 104(%%rax), %%r13\n mov 112(%%rax), %%r14\n mov 120(%%rax), %%r15\n"
		     "mov (%%rax), %%rax\n syscall\n"
		     "xchg %%rax, (%%rsp)\n"
		     "mov %%rbx, 8(%%rax)\n mov %%rdx, 24(%%rax)\n mov %%rsi, 32(%%rax)\n mov %%rdi, 40(%%rax)\n"
		     "mov %%rbp, 48(%%rax)\n mov %%r8, 64(%%rax)\n mov %%r9, 72(%%rax)\n mov %%r10, 80(%%rax)\n"
		     "mov %%r12, 96(%%rax)\n mov %%r13, 104(%%rax)\n mov %%r14, 112(%%rax)\n mov %%r15, 120(%%rax)\n"
		     "pop %%rbx\n mov %%rbx, (%%rax)\n pop %%rbx\n pop %%rbp\n"
		     :
		     : "S"(before), "D"(after)
		     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	for (int i = 1; i < 16; i++)
		if (i != 2 && i != 7 && i != 11 && before[i] != after[i])
			printf("register %d: %#lx before, %#lx after\n", i, before[i], after[i]);
	int got = -1;
	socklen_t size = sizeof got;
	getsockopt(after[0], SOL_SOCKET, SO_PROTOCOL, &got, &size);
	printf("registers %d\n", got);
#endif
}

// off enters a network namespace without MPTCP.
static void off(void)
{
	must(!unshare(CLONE_NEWNET), "unshare");
	int fd = open("/proc/sys/net/mptcp/enabled", O_WRONLY);
	must(fd >= 0 && write(fd, "0", 1) == 1, "net.mptcp.enabled");
	close(fd);
}

static volatile int handled, wrong;
static volatile int protocols[300];

static void handler(int signal, siginfo_t *info, void *context)
{
	int saved = errno, got = ask();
	if (info->si_code != SI_QUEUE || info->si_value.sival_int != info->si_pid)
		wrong++;
	handled++;
	if (got >= 0 && got < 300)
		protocols[got]++;
	errno = saved;
}

// signals opens sockets while a child sends signals whose handler opens sockets.
static void signals(void)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGRTMIN, &action, 0);
	pid_t me = getpid();
	if (!fork()) {
		union sigval value = {.sival_int = getpid()};
		for (int i = 0; i < 500; i++)
			while (sigqueue(me, SIGRTMIN, value))
				sched_yield();
		_exit(0);
	}
	int n = 0, got[300] = {0};
	while (handled < 500 || n < 500) {
		int p = ask();
		n++;
		if (p >= 0 && p < 300)
			got[p]++;
	}
	while (waitpid(-1, 0, 0) < 0 && errno == EINTR)
		;
	int p = protocols[262] ? 262 : 6;
	printf("handled %d, wrong %d, all %d of %d: %d, %d\n", handled, wrong, protocols[p] == 500, p, got[p] == n,
	       protocols[p] + got[p] == n + 500);
}

static char *self;

static void *thread_exec(void *unused)
{
	execl(self, self, "ask", (char *)0);
	return 0;
}

static void *thread_ask(void *unused)
{
	usleep(20000);
	say("after the leader");
	exit(7);
}

static void *thread_idle(void *unused)
{
	say("thread");
	return 0;
}

static int child_ask(void *unused)
{
	say("child");
	_exit(5);
}

static void cloned(int flags)
{
	static char stack[65536];
	pid_t pid = clone(child_ask, stack + sizeof stack, flags, 0);
	must(pid > 0, "clone");
	usleep(50000);
	if (!(flags & CLONE_PARENT))
		waitpid(pid, 0, __WALL);
}

// filter is a filter of the program's own against the protocol of MPTCP.
static void filter(unsigned action)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 262, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof f / sizeof *f, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	must(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

static void stopped(int signal)
{
	say("handler");
	raise(SIGSTOP);
	say("continued");
}

int main(int argc, char **argv)
{
	char *what = argc > 1 ? argv[1] : "ask";
	int n = argc > 2 ? atoi(argv[2]) : 0;
	pthread_t thread;
	char byte;
	self = argv[0];
	setvbuf(stdout, 0, _IOLBF, 0);
	if (!strcmp(what, "ask")) {
		say("ask");
	} else if (!strcmp(what, "registers")) {
		registers();
	} else if (!strcmp(what, "off")) { // what else there is, without MPTCP
		off();
		if (argv[2][0] == '/')
			return execv(argv[2], argv + 2);
		argv[1] = self;
		execv(self, argv + 1);
	} else if (!strcmp(what, "signals")) {
		signals();
	} else if (!strcmp(what, "exec-thread")) {
		pthread_create(&thread, 0, thread_exec, 0);
		pause();
	} else if (!strcmp(what, "leader")) {
		pthread_create(&thread, 0, thread_ask, 0);
		pthread_exit(0);
	} else if (!strcmp(what, "threads")) {
		pthread_attr_t attr;
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, 65536);
		pthread_t all[1000];
		for (int i = 0; i < n; i++)
			must(!pthread_create(&all[i], &attr, thread_idle, 0), "pthread_create");
		for (int i = 0; i < n; i++)
			pthread_join(all[i], 0);
	} else if (!strcmp(what, "forks")) {
		for (int i = 0; i < n; i++)
			if (!fork()) {
				say("fork");
				_exit(0);
			}
		while (wait(0) > 0)
			;
	} else if (!strcmp(what, "vfork")) {
		if (!vfork()) {
			say("vfork");
			_exit(0);
		}
		say("parent");
	} else if (!strcmp(what, "clone")) {
		cloned(n | SIGCHLD);
	} else if (!strcmp(what, "daemon") || !strcmp(what, "late")) { // asks at the end of its input
		if (*what == 'd' && fork())
			return 3;
		say("ready");
		while (read(0, &byte, 1) > 0)
			;
		say(what);
	} else if (!strcmp(what, "dumpable")) {
		prctl(PR_SET_DUMPABLE, 0);
		say("dumpable");
	} else if (!strcmp(what, "trace")) {
		printf("trace %d\n", ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0);
	} else if (!strcmp(what, "filter")) {
		filter(n);
		say("filter");
	} else if (!strcmp(what, "uid")) {
		must(!setresgid(n, n, n) && !setresuid(n, n, n), "setresuid");
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		must(!listen(fd, 1), "listen");
		say("uid");
		while (read(0, &byte, 1) > 0)
			;
	} else if (!strcmp(what, "connect")) {
		struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(n), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		must(!connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to), "connect");
		say("connected");
		while (read(0, &byte, 1) > 0)
			;
	} else if (!strcmp(what, "ring")) {
		char parameters[120] = {0};
		long fd = syscall(425, 1, parameters);
		printf("ring %d\n", fd < 0 ? errno : 0);
	} else if (!strcmp(what, "die")) {
		raise(n);
	} else if (!strcmp(what, "exit")) {
		exit(n);
	} else if (!strcmp(what, "stop")) {
		signal(SIGTSTP, stopped);
		say("ready");
		while (read(0, &byte, 1) > 0 || errno == EINTR)
			errno = 0;
	} else if (!strcmp(what, "again")) { // for ever
		for (;;)
			ask();
	} else {
		return 96;
	}
	return 0;
}
