#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

static const struct {
	const char *name;
	mode *run;
} modes[] = {
	{"client", client}, {"server", server}, {"each", each}, {"open", open_one},
	{"silent", silent}, {"many", many}, {"fork", fork_first}, {"vfork", vfork_first}, {"again", again}, {"outlive", outlive}, {"close-all", close_all},
	{"own-filter", own_filter}, {"own-listener", own_listener}, {"ring", ring}, {"starve", starve},
	{"whoami", whoami}, {"pid", pid}, {"untouched", untouched}, {"flags", flags},
};

int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

int go_on(char **words)
{
	if (!*words)
		return 0;
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!strcmp(*words, modes[i].name))
			return modes[i].run(words + 1);
	printf("%s: no such mode\n", *words);
	return 2;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return go_on(argv + 1);
}
