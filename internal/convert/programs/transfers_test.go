package programs

import (
	"regexp"

	"allroads/internal/convert"
)

// all are the strategies for the programs that matter most.
var (
	all       = []convert.Strategy{"", convert.Notify, convert.Trace}
	automatic = all[:1]
)

// numbers in logs are times, ports and processes.
var numbers = regexp.MustCompile(`\d+`)

// figures are what iperf3 measures, in columns.
var figures = regexp.MustCompile(`([^A-Za-z\n]|[KMG]?(Bytes|bits/sec))+`)

var transfers = []*transfer{
	{
		name: "curl, nginx", user: root, strategies: all, arrives: "got", varies: numbers, roles: []role{nginx, curl},
	},
	{
		name: "curl, nginx, ordinary user", user: ordinary, strategies: all, arrives: "got", varies: numbers,
		roles: []role{nginx, curl},
	},
	{
		name: "curl, nginx, TLS", user: root, strategies: automatic, arrives: "got", varies: numbers,
		before: []string{certificate},
		roles: []role{
			{host: server, command: "nginx -e stderr -c $dir/tls.conf", port: 8443, opens: 1, accepted: true},
			{host: client, command: "curl -sS --cacert $dir/tls.crt -o $dir/got https://$server:8443/content", opens: 1, connected: 1},
		},
	},
	{
		name: "wget, Python", user: root, strategies: automatic, arrives: "got", varies: numbers,
		roles: []role{
			python, {host: client, command: "wget -nv -O $dir/got http://$server:8080/content", opens: 1, connected: 1},
		},
	},
	{
		name: "nginx as a proxy", user: root, strategies: all, arrives: "got", varies: numbers,
		roles: []role{
			python, {host: client, command: "nginx -e stderr -c $dir/proxy.conf", port: 8081, opens: 2, connected: 1},
			{host: client, plain: true, command: "curl -sS -o $dir/got http://127.0.0.1:8081/content"},
		},
	},
	{
		// No shell takes part, of which nobody knows what it does at its start.
		name: "scp, sshd", user: root, strategies: all, before: keys, arrives: "got",
		roles: []role{
			sshd, {host: client, command: "scp -F $dir/ssh_config $server:$dir/content $dir/got", opens: 1, connected: 1},
		},
	},
	{
		name: "scp, sshd, ordinary user", user: ordinary, strategies: all, before: keys, arrives: "got",
		roles: []role{
			sshd, {host: client, command: "scp -F $dir/ssh_config $dir/content $server:$dir/got", opens: 1, connected: 1},
		},
	},
	{
		// Who logs in is not root: what sshd opens for him is opened by a process of his.
		name: "sshd forwards", user: root, strategies: all, before: keys, arrives: "got", varies: numbers,
		roles: []role{
			python, {host: client, command: "sshd -D -e -f $dir/sshd_config", port: 2222, opens: 3, connected: 1},
			{
				host: client, plain: true, port: 8081,
				command: "ssh -F $dir/ssh_config -l daemon -N -L 127.0.0.1:8081:$server:8080 127.0.0.1",
			},
			{host: client, plain: true, command: "curl -sS -o $dir/got http://127.0.0.1:8081/content"},
		},
	},
	{
		name: "iperf3", user: root, strategies: automatic, arrives: nothing, cut: true, varies: figures,
		roles: []role{
			{host: server, command: "iperf3 -s -B $server -1 -i 0", port: 5201, ends: true, opens: 1, accepted: true},
			{host: client, command: "iperf3 -c $server -i 0 -n 4000000", opens: 2, connected: 2},
		},
	},
	{
		name: "git, Python", user: root, strategies: automatic, arrives: "got/content", varies: numbers, before: []string{
			"git init -q $dir/repository", "git -C $dir/repository config user.name n", "git -C $dir/repository config user.email m",
			"cp $dir/content $dir/repository", "git -C $dir/repository add content", "git -C $dir/repository commit -q -m content",
			"git -C $dir/repository update-server-info",
		},
		roles: []role{
			python, {host: client, command: "git clone -q http://$server:8080/repository/.git $dir/got", opens: 2, connected: 2, more: true},
		},
	},
	{
		name: "Go", user: root, strategies: automatic, arrives: "got", roles: []role{
			{host: server, command: "web serve $server:8080 $dir", port: 8080, godebug: true, accepted: true},
			{host: client, command: "web get http://$server:8080/content $dir/got", godebug: true, connected: 1},
		},
	},
	{
		// Package net tries at its start what the host can do: 3 sockets. Its server asks for
		// MPTCP itself.
		name: "Go, though GODEBUG would do", user: root, strategies: all[1:], arrives: "got", roles: []role{
			{host: server, command: "web serve $server:8080 $dir", port: 8080, opens: 3},
			{host: client, command: "web get http://$server:8080/content $dir/got", opens: 1, connected: 1},
		},
	},
}

var (
	nginx  = role{host: server, command: "nginx -e stderr -c $dir/nginx.conf", port: 8080, opens: 1, accepted: true}
	python = role{host: server, command: "python3 -m http.server --directory $dir --bind $server 8080", port: 8080, opens: 1, accepted: true}
	sshd   = role{host: server, command: "sshd -D -e -f $dir/sshd_config", port: 2222, opens: 2, accepted: true}
	curl   = role{host: client, command: "curl -sS -o $dir/got http://$server:8080/content", opens: 1, connected: 1}
)

// certificate makes one for the server.
const certificate = "openssl req -x509 -nodes -newkey rsa:2048 -keyout $dir/tls.key -out $dir/tls.crt " +
	"-subj /CN=lab -addext subjectAltName=IP:$server"

// keys are sshd's, and those of the user.
var keys = []string{"ssh-keygen -q -t ed25519 -N  -f $dir/host_key", "ssh-keygen -q -t ed25519 -N  -f $dir/user_key"}
