# Installs the packages of both kinds, uses them, removes them. A line for each thing.
everything() {
	find /etc /usr /var /opt /run/allroads \( -path /opt/job -o -path /var/lib/dpkg -o -path /var/lib/rpm -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/systemd \) -prune -o -print 2>/dev/null | sort
}
left() { # The copies of the files of users are useradd's, and userdel makes them, too.
	everything >/opt/job/after
	diff /opt/job/before /opt/job/after | sed -n 's/^[<>]/left:&/p' | grep -v '/etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-$'
	getent passwd allroads
	getent group allroads
	find /run/allroads 2>/dev/null
	echo "removed: $(systemctl is-active allroadsd), $(ip mptcp endpoint show | wc -l) endpoints"
}
asked() { # user, groups, and what
	setpriv --reuid="$1" --regid="$1" --groups="$2" allroads "$3" >/tmp/out 2>&1
	echo "$3 as $1 with $4: $?"
}
is_active() { # Waits until it is not just about to be.
	for _ in $(seq 100); do
		state=$(systemctl is-active allroadsd)
		[ "$state" = activating ] || break
		sleep 0.1
	done
	echo "$state"
}
endpoints() { ip mptcp endpoint show | sed 's/ id [0-9]*//; s/ *$//'; }
use() {
	# A veth counts as a container's, unless a rule says otherwise.
	echo 'interfaces: [{match: {names: [eth0]}}]' >/etc/allroads/conf.d/eth0.yaml
	systemctl start allroadsd
	echo "$1: $(systemctl is-enabled allroadsd), $(is_active), user $(ps -o user= -C allroadsd), capabilities $(sed -n 's/^CapEff:\t*//p' /proc/$(pidof allroadsd)/status)"
	group=$(getent group allroads | cut -d: -f3)
	asked 65534 65534 status "nothing"
	asked 65534 "$group" status "the group"
	asked 65534 "$group" reload "the group"
	asked 0 0 reload "nothing"
	systemctl reload allroadsd
	endpoints
	echo 'mode: userspace' >/etc/allroads/conf.d/mode.yaml
	systemctl reload allroadsd
	echo "reload: $?, $(cat /proc/sys/net/mptcp/path_manager)"
	echo 'mode: nonsense' >/etc/allroads/conf.d/mode.yaml
	systemctl reload allroadsd 2>/dev/null
	echo "reload of nonsense: $?, $(is_active), $(cat /proc/sys/net/mptcp/path_manager)"
	rm /etc/allroads/conf.d/mode.yaml
	systemctl reload allroadsd
	before=$(pidof allroadsd)
	systemctl kill --signal=KILL allroadsd
	for _ in $(seq 50); do
		now=$(pidof allroadsd)
		[ -n "$now" ] && [ "$now" != "$before" ] && break
		sleep 0.1
	done
	echo "killed: $(is_active)"
	endpoints
	echo 'namespaces: [host, blue]' >/etc/allroads/conf.d/blue.yaml
	systemctl reload allroadsd
	allroads status --json | grep -o 'enter network namespace[^"]*CAP_SYS_ADMIN'
	mkdir -p /etc/systemd/system/allroadsd.service.d
	cp /usr/share/doc/allroadsd/examples/namespaces.conf /etc/systemd/system/allroadsd.service.d
	systemctl daemon-reload
	systemctl restart allroadsd
	allroads status >/opt/job/status
	echo "namespaces: $?," $(grep -o '^namespace [a-z]*' /opt/job/status)
	rm -r /etc/systemd/system/allroadsd.service.d /etc/allroads/conf.d/eth0.yaml /etc/allroads/conf.d/blue.yaml
	systemctl daemon-reload
	systemctl restart allroadsd
	allroadsd --check >/dev/null
	echo "check: $?"
	zcat /usr/share/man/man8/allroadsd.8.gz /usr/share/man/man1/allroads-status.1.gz | grep -c '^.SH NAME'
}
ip link add eth0 type veth peer name other
ip link set eth0 up
ip link set other up
ip address add 192.0.2.2/24 dev eth0
ip route add default via 192.0.2.1
ip netns add blue
everything >/opt/job/before
dpkg -i /opt/job/*.deb >/tmp/dpkg 2>&1 || cat /tmp/dpkg
use deb
dpkg --remove allroadsd >/tmp/dpkg 2>&1 || cat /tmp/dpkg
echo "removed: $(systemctl is-active allroadsd), $(ip mptcp endpoint show | wc -l) endpoints," $(ls /etc/allroads)
dpkg --purge allroadsd allroads >/tmp/dpkg 2>&1 || cat /tmp/dpkg
left
rpm -i --force-debian --nodeps --ignorearch /opt/job/*.rpm >/opt/job/rpm.log 2>&1 || cat /opt/job/rpm.log
use rpm
rpm -e --force-debian --nodeps allroadsd allroads >/opt/job/rpm.log 2>&1 || cat /opt/job/rpm.log
left
echo done
