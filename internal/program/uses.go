package program

import (
	"path/filepath"
	"slices"
	"strings"
)

// goFunctions are functions that are linked for nothing but an option.
var goFunctions = []struct{ name, option string }{
	{"google.golang.org/grpc/internal/syscall.SetTCPUserTimeout", "TCP_USER_TIMEOUT"},
	{"tailscale.com/net/ktimeout.SetUserTimeout", "TCP_USER_TIMEOUT"},
	{"golang.org/x/sys/unix.SetsockoptTCPMD5Sig", "TCP_MD5SIG"},
	{"golang.org/x/sys/unix.SetsockoptSockFprog", "SO_ATTACH_FILTER"},
	{"golang.org/x/sys/unix.SetsockoptTCPRepairOpt", "TCP_REPAIR_OPTIONS"},
}

func functionUses(f *functions) (uses []Use) {
	for _, g := range goFunctions {
		if f.has(g.name) != "" {
			uses = append(uses, Use{g.option, Seen, "function " + g.name})
		}
	}
	return uses
}

// known is what is known of a program, a library or a module of Go, each by the
// beginning of its name.
type known struct {
	name, option string
	certainty    Certainty
	why          string
}

// programs go by the names of their files. Each says where its sources set the option,
// or what has it do so.
var programs = []known{
	{"bird", "TCP_MD5SIG", Possible, "for BGP with a password (sysdep/linux/sysio.h)"},
	{"bgpd", "TCP_MD5SIG", Possible, "for neighbours with a password (FRR, lib/sockopt.c)"},
	{"bgpd", "IP_MINTTL", Possible, "for neighbours with ttl-security (FRR, lib/sockopt.c)"},
	{"ldpd", "TCP_MD5SIG", Possible, "for neighbours with a password (FRR, lib/sockopt.c)"},
	{"gobgpd", "TCP_MD5SIG", Possible, "for neighbours with a password (gobgp#3021)"},
	{"criu", "TCP_REPAIR", Known, "how it saves and restores connections (soccr/soccr.c; criu#2655)"},
	{"haproxy", "TCP_USER_TIMEOUT", Possible, "for tcp-ut of a bind or server line"},
	{"haproxy", "TCP_QUICKACK", Possible, "for option tcp-smart-accept and tcp-smart-connect"},
	{"nginx", "TCP_ULP", Possible, "for kernel TLS, with ssl_conf_command Options KTLS"},
	{"ssh", "IPV6_TCLASS", Known, "for IPQoS, on IPv6 (misc.c, set_sock_tos); it goes on without"},
	{"sshd", "IPV6_TCLASS", Known, "for IPQoS, on IPv6 (misc.c, set_sock_tos); it goes on without"},
	{"iperf3", "SO_MAX_PACING_RATE", Possible, "for --fq-rate"},
	{"iperf3", "TCP_USER_TIMEOUT", Possible, "for --snd-timeout"},
	{"iperf3", "IPV6_FLOWLABEL_MGR", Possible, "for --flowlabel"},
	{"postgres", "TCP_USER_TIMEOUT", Possible, "for the setting tcp_user_timeout"},
	{"qemu-system", "SO_ZEROCOPY", Possible, "for migration with zero-copy-send"},
	{"derper", "TCP_USER_TIMEOUT", Known, "tailscale#15063"},
}

var libraries = []known{
	{"libpq.so", "TCP_USER_TIMEOUT", Possible, "for tcp_user_timeout of a connection (libpq.so)"},
	{"libssl.so.3", "TCP_ULP", Possible, "for kernel TLS, if SSL_OP_ENABLE_KTLS is set (libssl.so.3)"},
	{"libgrpc.so", "TCP_USER_TIMEOUT", Known, "for keepalive (libgrpc.so)"},
}

var modules = []known{
	{"google.golang.org/grpc", "TCP_USER_TIMEOUT", Possible, "module google.golang.org/grpc, for keepalive (grpc-go#2307)"},
	{"github.com/osrg/gobgp", "TCP_MD5SIG", Possible, "module github.com/osrg/gobgp, for neighbours with a password (gobgp#3021)"},
	{"tailscale.com", "TCP_USER_TIMEOUT", Possible, "module tailscale.com (tailscale#15063)"},
}

func (p *Program) knownUses() (uses []Use) {
	take := func(table []known, matches func(k *known) bool) {
		for _, k := range table {
			if matches(&k) {
				uses = append(uses, Use{k.option, k.certainty, k.why})
			}
		}
	}
	base := filepath.Base(p.Path)
	take(programs, func(k *known) bool {
		return base == k.name || k.name == "qemu-system" && strings.HasPrefix(base, k.name)
	})
	take(libraries, func(k *known) bool {
		return slices.ContainsFunc(p.Libraries, func(l string) bool { return strings.HasPrefix(l, k.name) })
	})
	if p.Go != nil {
		take(modules, func(k *known) bool {
			return slices.ContainsFunc(append(p.Go.dependencies, p.Go.Module), func(m string) bool {
				return m == k.name || strings.HasPrefix(m, k.name+"/")
			})
		})
	}
	return uses
}

// surest is the order in which what is said of an option counts.
var surest = []Certainty{Observed, Seen, Known, Possible}

// Distinct keeps what is surest of each option, in the order in which they came.
func Distinct(uses []Use) []Use {
	kept := []Use{}
	for _, u := range uses {
		i := slices.IndexFunc(kept, func(k Use) bool { return k.Option == u.Option })
		switch {
		case i < 0:
			kept = append(kept, u)
		case slices.Index(surest, u.Certainty) < slices.Index(surest, kept[i].Certainty):
			kept[i] = u
		}
	}
	return kept
}
