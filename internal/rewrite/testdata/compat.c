// A 32-bit program without any library: each way to make a socket, whether its arguments
// are the same after it, and what it became.
typedef unsigned long word;

static word vdso;

static int call(int nr, word a, word b, word c, word d, word e)
{
	int result;
	asm volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return result;
}

static void say(const char *s)
{
	int n = 0;
	while (s[n])
		n++;
	call(4, 1, (word)s, n, 0, 0);
}

static void number(int n)
{
	char digits[12], *p = digits + sizeof digits - 1;
	unsigned u = n < 0 ? -n : n;
	*p = 0;
	do
		*--p = '0' + u % 10;
	while (u /= 10);
	if (n < 0)
		*--p = '-';
	say(p);
}

static void report(const char *way, int fd, int same)
{
	int protocol = fd, size = 4;
	if (fd >= 0)
		call(365, fd, 1, 38, (word)&protocol, (word)&size); // getsockopt SOL_SOCKET, SO_PROTOCOL
	say(way);
	say(" ");
	number(protocol);
	say(same ? " same\n" : " changed\n");
}

// through makes a call the way of the vdso, which is sysenter or syscall where there is one.
static int through(int nr, word a, word b, word c, word *edx)
{
	int result;
	asm volatile("call *%6" : "=a"(result), "+d"(c) : "0"(nr), "b"(a), "c"(b), "1"(c), "m"(vdso) : "memory");
	*edx = c;
	return result;
}

static const word constant[3] = {2, 1, 6};

void begin(word *stack)
{
	word *p = stack + 1 + stack[0] + 1, edx = 0;
	while (*p++)
		;
	for (; p[0]; p += 2)
		if (p[0] == 32) // AT_SYSINFO
			vdso = p[1];
	int fd, nr = 359;
	edx = 6;
	asm volatile("int $0x80" : "=a"(fd), "+d"(edx) : "0"(nr), "b"(2), "c"(1) : "memory");
	report("int80", fd, edx == 6);
	if (vdso) {
		fd = through(359, 10, 1, 0, &edx);
		report("vdso", fd, edx == 0);
	}
	volatile word arguments[3] = {2, 1 | 02000000, 6};
	fd = call(102, 1, (word)arguments, 0, 0, 0);
	report("socketcall", fd, arguments[0] == 2 && arguments[1] == (1 | 02000000) && arguments[2] == 6);
	report("udp", call(102, 1, (word)(word[3]){2, 2, 0}, 0, 0, 0), 1);
	report("fault", call(102, 1, 16, 0, 0, 0), 1);
	report("constant", call(102, 1, (word)constant, 0, 0, 0), 1);
	call(1, 0, 0, 0, 0, 0);
}

asm(".globl _start\n_start:\n mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call begin\n");
