// A plugin of mptcpd that does what its own `sspi` means to do: a subflow from each
// other IPv4 address of this host, for each connection that it makes. It is as small as
// can be, so that what is measured is mptcpd and not the plugin.
#include <netinet/in.h>
#include <string.h>

#include <mptcpd/path_manager.h>
#include <mptcpd/plugin.h>

#define MANY 64

static struct sockaddr_in known[MANY]; // by address id - 1; unused ones are zero

static void established(mptcpd_token_t token, struct sockaddr const *local,
                        struct sockaddr const *remote, bool server_side,
                        bool deny_join_id0, struct mptcpd_pm *pm)
{
        (void) deny_join_id0;
        if (server_side || local->sa_family != AF_INET)
                return;

        struct sockaddr_in const *const first = (struct sockaddr_in const *) local;

        for (int i = 0; i < MANY; ++i) {
                if (known[i].sin_family == AF_INET
                    && known[i].sin_addr.s_addr != first->sin_addr.s_addr)
                        mptcpd_pm_add_subflow(pm, token, i + 1, 0,
                                              (struct sockaddr const *) &known[i],
                                              remote, false);
        }
}

static void address(struct mptcpd_interface const *i, struct sockaddr const *sa,
                    struct mptcpd_pm *pm)
{
        (void) i;
        (void) pm;
        if (sa->sa_family != AF_INET)
                return;
        for (int n = 0; n < MANY; ++n) {
                if (known[n].sin_family == 0) {
                        memcpy(&known[n], sa, sizeof(known[n]));
                        known[n].sin_port = 0;
                        return;
                }
        }
}

static struct mptcpd_plugin_ops const ops = {
        .connection_established = established,
        .new_local_address = address,
};

static int begin(struct mptcpd_pm *pm)
{
        (void) pm;
        return mptcpd_plugin_register_ops("join", &ops) ? 0 : -1;
}

static void end(struct mptcpd_pm *pm)
{
        (void) pm;
}

MPTCPD_PLUGIN_DEFINE(join, "a subflow from each other address",
                     MPTCPD_PLUGIN_PRIORITY_DEFAULT, begin, end)
