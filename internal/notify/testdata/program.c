// What the tests run: one word says what it does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int protocol(int fd)
{
	int p = -1;
	socklen_t n = sizeof p;
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &p, &n);
	return p;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

// kind FAMILY TYPE PROTOCOL...: what socket() says to each.
static int kind(char **a)
{
	for (; a[0]; a += 3) {
		int fd = syscall(SYS_socket, strtol(a[0], 0, 0), strtol(a[1], 0, 0), strtol(a[2], 0, 0));
		if (fd < 0) {
			printf("%s\n", strerror(errno));
			continue;
		}
		printf("protocol %d cloexec %d nonblock %d\n", protocol(fd),
		       fcntl(fd, F_GETFD) & FD_CLOEXEC, !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
		close(fd);
	}
	return 0;
}

static int want;
static volatile int stop;
static long opened, interrupts;

static void *opener(void *unused)
{
	while (!stop) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 3) {
			printf("socket: %d %s\n", fd, strerror(errno));
			exit(1);
		}
		if (want && protocol(fd) != want) {
			printf("protocol %d\n", protocol(fd));
			exit(1);
		}
		if (close(fd)) {
			printf("close: %s\n", strerror(errno));
			exit(1);
		}
		__sync_fetch_and_add(&opened, 1);
	}
	return 0;
}

static int descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

// threads N SECONDS PROTOCOL: sockets without end; of protocol, or of any (0).
static int threads(char **a)
{
	pthread_t t[64];
	int n = atoi(a[0]), before = descriptors();
	double from = seconds();
	want = atoi(a[2]);
	for (int i = 0; i < n; i++)
		pthread_create(&t[i], 0, opener, 0);
	usleep(1e6 * atof(a[1]));
	stop = 1;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], 0);
	if (descriptors() != before) {
		printf("%d descriptors, %d before\n", descriptors(), before);
		return 1;
	}
	printf("opened %ld in %.3f\n", opened, seconds() - from);
	return 0;
}

static void tick(int unused) { }

// signals SECONDS [restart]: as threads, while a timer interrupts.
static int interrupted(char **a)
{
	struct sigaction sa = { .sa_handler = tick, .sa_flags = a[1] ? SA_RESTART : 0 };
	struct itimerval every = { { 0, 150 }, { 0, 150 } };
	sigaction(SIGALRM, &sa, 0);
	setitimer(ITIMER_REAL, &every, 0);
	int before = descriptors();
	double until = seconds() + atof(a[0]);
	while (seconds() < until) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 && errno == EINTR) { // before the supervisor had received it
			interrupts++;
			continue;
		}
		if (fd < 3 || protocol(fd) != 262) {
			printf("socket: %d %s\n", fd, strerror(errno));
			return 1;
		}
		close(fd);
		opened++;
	}
	if (descriptors() != before) {
		printf("%d descriptors, %d before\n", descriptors(), before);
		return 1;
	}
	printf("opened %ld interrupted %ld\n", opened, interrupts);
	return 0;
}

// cost CALL N: the median of what a call takes, in ns.
static int compare(const void *a, const void *b)
{
	double x = *(double *)a, y = *(double *)b;
	return (x > y) - (x < y);
}

static int cost(char **a)
{
	int n = atoi(a[1]);
	double *took = calloc(n, sizeof *took), total = seconds();
	for (int i = 0; i < n; i++) {
		double from = seconds();
		if (!strcmp(a[0], "getppid"))
			syscall(SYS_getppid);
		else if (!strcmp(a[0], "unix"))
			close(socket(AF_UNIX, SOCK_STREAM, 0));
		else if (!strcmp(a[0], "mptcp"))
			close(socket(AF_INET, SOCK_STREAM, 262));
		else
			close(socket(AF_INET, SOCK_STREAM, 0));
		took[i] = seconds() - from;
	}
	total = seconds() - total;
	qsort(took, n, sizeof *took, compare);
	printf("%.0f %.0f\n", took[n / 2] * 1e9, total / n * 1e9);
	return 0;
}

// self: all that a program can find out about itself.
extern char **environ;

static int self(char **a)
{
	char line[512], path[64];
	struct rlimit limit;
	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		ssize_t n = readlink(path, line, sizeof line - 1);
		if (n >= 0)
			printf("fd %d %.*s %d\n", fd, (int)n, line, fcntl(fd, F_GETFD));
	}
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, "Sig", 3) || !strncmp(line, "Shd", 3) || !strncmp(line, "Name", 4) ||
		    !strncmp(line, "NoNewPrivs", 10) || !strncmp(line, "Threads", 7) || !strncmp(line, "Cap", 3))
			if (strncmp(line, "SigQ", 4))
				fputs(line, stdout);
	fclose(f);
	for (int r = 0; r < RLIM_NLIMITS; r++) {
		getrlimit(r, &limit);
		printf("limit %d %ld %ld\n", r, (long)limit.rlim_cur, (long)limit.rlim_max);
	}
	for (char **e = environ; *e; e++)
		printf("env %s\n", *e);
	for (; *a; a++)
		printf("arg %s\n", *a);
	printf("cwd %s umask %o nice %d sid %d pgrp %d\n", getcwd(line, sizeof line), umask(0),
	       getpriority(PRIO_PROCESS, 0), getsid(0), getpgrp());
	printf("dumpable %d subreaper-children %d\n", prctl(PR_GET_DUMPABLE), waitpid(-1, 0, WNOHANG));
	printf("pid %d %d ppid %d\n", getpid(), (int)syscall(SYS_gettid), getppid());
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	printf("socket %d protocol %d\n", fd, protocol(fd));
	usleep(100000);
	printf("wait %d %d\n", waitpid(-1, 0, WNOHANG), errno);
	return 0;
}

// as COMMAND...: with what a program may have inherited.
static int as(char **a)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 5);
	sigprocmask(SIG_BLOCK, &set, 0);
	umask(027);
	struct rlimit limit = { 512, 2048 };
	setrlimit(RLIMIT_NOFILE, &limit);
	setpriority(PRIO_PROCESS, 0, 3);
	chdir("/usr");
	dup2(open("/dev/zero", O_RDONLY), 7);
	dup2(7, 12);
	setsid();
	execv(a[0], a);
	return 1;
}

// tell prints what a socket() call gave.
static int tell(const char *who)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		printf("%s: %s\n", who, strerror(errno));
	else
		printf("%s: protocol %d\n", who, protocol(fd));
	return fd;
}

// full: no descriptor is left.
static int full(char **a)
{
	struct rlimit limit = { 3, 3 };
	setrlimit(RLIMIT_NOFILE, &limit);
	tell("full");
	return 0;
}

// closeall: the socket becomes descriptor 0. The exit code is the answer.
static int closeall(char **a)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	return fd == 0 && protocol(fd) == 262 ? 0 : 1;
}

static int install(unsigned action, int flags)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, f };
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

// filter: filters of its own, which allow, then refuse.
static int filters(char **a)
{
	printf("allow: %d\n", install(SECCOMP_RET_ALLOW, 0));
	tell("allowed");
	printf("refuse: %d\n", install(SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_TSYNC));
	tell("refused");
	return 0;
}

// listener: one of its own.
static int listener(char **a)
{
	int fd = install(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	printf("listener: %s\n", fd < 0 ? strerror(errno) : "there");
	if (fd < 0)
		tell("after");
	return 0;
}

// ring: io_uring_setup().
static int ring(char **a)
{
	char params[120] = { 0 };
	int fd = syscall(425, 1, params);
	printf("ring: %s\n", fd < 0 ? strerror(errno) : "there");
	return 0;
}

static int cloned(void *unused)
{
	tell("clone");
	return 0;
}

static void *threaded(void *unused)
{
	tell("thread");
	return 0;
}

// children: all ways to have one.
static int children(char **a)
{
	static char stack[65536];
	pthread_t t;
	if (!fork()) {
		tell("fork");
		if (!fork()) {
			tell("grandchild");
			_exit(0);
		}
		wait(0);
		_exit(0);
	}
	wait(0);
	if (!vfork()) {
		execl("/proc/self/exe", "program", "tell", "vfork exec", (char *)0);
		_exit(1);
	}
	wait(0);
	clone(cloned, stack + sizeof stack, CLONE_FILES | CLONE_FS | CLONE_VM | SIGCHLD, 0);
	wait(0);
	pthread_create(&t, 0, threaded, 0);
	pthread_join(t, 0);
	setsid();
	if (!fork()) { // a daemon
		setsid();
		tell("daemon");
		_exit(0);
	}
	wait(0);
	return 0;
}

static unsigned long namespace(int fd)
{
	unsigned long cookie = 0;
	socklen_t n = sizeof cookie;
	getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &cookie, &n);
	return cookie;
}

static void *elsewhere(void *flags)
{
	if (unshare((long)flags)) {
		printf("unshare: %s\n", strerror(errno));
		return 0;
	}
	int udp = socket(AF_INET, SOCK_DGRAM, 0), fd = tell("elsewhere");
	printf("elsewhere: %s\n", namespace(udp) && namespace(udp) == namespace(fd) ? "right" : "wrong");
	return 0;
}

// unshare FLAGS: a thread in another namespace, others not; or the one thread.
static int unshared(char **a)
{
	pthread_t t;
	unsigned long flags = strtoul(a[0], 0, 0), before = namespace(tell("before"));
	if (flags & CLONE_NEWUSER) {
		elsewhere((void *)flags);
		return 0;
	}
	pthread_create(&t, 0, elsewhere, (void *)flags);
	pthread_join(t, 0);
	printf("after: %s\n", namespace(tell("after")) == before ? "right" : "wrong");
	return 0;
}

// talk SOURCE|- DESTINATION|- PORT: bind(), connect() or listen(); twice, as is usual for
// who does not block.
static int talk(char **a)
{
	int type = a[3] && !strcmp(a[3], "udp") ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	if (strcmp(a[0], "-")) {
		inet_pton(AF_INET, a[0], &sin.sin_addr);
		sin.sin_port = strcmp(a[1], "-") ? 0 : htons(atoi(a[2]));
		if (bind(fd, (struct sockaddr *)&sin, sizeof sin))
			printf("bind: %s\n", strerror(errno));
	}
	if (strcmp(a[1], "-")) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		inet_pton(AF_INET, a[1], &sin.sin_addr);
		sin.sin_port = htons(atoi(a[2]));
		if (connect(fd, (struct sockaddr *)&sin, sizeof sin))
			printf("connect: %s\n", strerror(errno));
		poll(&p, 1, 5000);
		if (type == SOCK_STREAM && connect(fd, (struct sockaddr *)&sin, sizeof sin))
			printf("connect: %s\n", strerror(errno));
	} else
		listen(fd, 5);
	socklen_t n = sizeof one;
	getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, &n);
	printf("protocol %d keepalive %d flags %x %x\n", protocol(fd), one, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	return 0;
}

// compat: the calls of 32-bit programs.
static int compat(char **a)
{
#ifdef __x86_64__
	static unsigned args[3] = { AF_INET, SOCK_STREAM, 0 }, datagram[3] = { AF_INET, SOCK_DGRAM, 0 };
	long fd;
	asm volatile("int $0x80" : "=a"(fd) : "a"(359L), "b"(2L), "c"(1L | SOCK_CLOEXEC), "d"(0L) : "memory");
	printf("socket: protocol %d cloexec %d\n", protocol(fd), fcntl(fd, F_GETFD));
	asm volatile("int $0x80" : "=a"(fd) : "a"(102L), "b"(1L), "c"(args) : "memory");
	printf("socketcall: protocol %d\n", protocol(fd));
	asm volatile("int $0x80" : "=a"(fd) : "a"(102L), "b"(1L), "c"(datagram) : "memory");
	printf("datagram: protocol %d\n", protocol(fd));
	asm volatile("int $0x80" : "=a"(fd) : "a"(102L), "b"(1L), "c"(16L) : "memory");
	printf("nowhere: %s\n", strerror(-fd));
#endif
	return 0;
}

// undumpable: nobody else may look at it.
static int undumpable(char **a)
{
	prctl(PR_SET_DUMPABLE, 0);
	tell("undumpable");
	return 0;
}

static int told(char **a)
{
	tell(a[0]);
	return 0;
}

static struct {
	const char *name;
	int (*run)(char **);
} words[] = {
	{ "kind", kind }, { "threads", threads }, { "signals", interrupted }, { "cost", cost },
	{ "self", self }, { "as", as }, { "tell", told }, { "full", full }, { "closeall", closeall },
	{ "filters", filters }, { "listener", listener }, { "ring", ring }, { "children", children },
	{ "unshare", unshared }, { "talk", talk }, { "compat", compat }, { "undumpable", undumpable },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	for (unsigned i = 0; argc > 1 && i < sizeof words / sizeof *words; i++)
		if (!strcmp(argv[1], words[i].name))
			return words[i].run(argv + 2);
	return 2;
}
