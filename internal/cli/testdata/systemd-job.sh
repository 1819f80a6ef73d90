# What is done under systemd: a line for each thing, in /opt/job/said.
say() {
	printf '%s\n' "$1: $(systemctl show web -p ActiveState --value), $(systemctl show web -p StatusText --value), $(allroads enabled web | tail -n 1 | tr -s ' ')"
}
systemctl start web
say plain
allroads enable --now web > /dev/null
say enabled
systemctl show web -p MainPID --value > /run/main
echo "main process: $(tr '\0' '|' < /proc/$(cat /run/main)/cmdline)"
systemctl kill --kill-whom=main --signal=HUP web
sleep 0.2
echo "status: $(systemctl show web -p StatusText --value)"
for mode in control-group mixed process; do
	mkdir -p /run/systemd/system/web.service.d
	printf '[Service]\nKillMode=%s\n' $mode > /run/systemd/system/web.service.d/mode.conf
	systemctl daemon-reload
	systemctl start web
	timeout 10 systemctl stop web
	echo "stopped by $mode: $? $(systemctl show web -p ActiveState --value) $(systemctl show web -p Result --value)"
done
rm -r /run/systemd/system/web.service.d
while read -r settings; do
	allroads disable web > /dev/null 2>&1
	mkdir -p /run/systemd/system/web.service.d
	printf "[Service]\n$settings\n" > /run/systemd/system/web.service.d/sandbox.conf
	systemctl daemon-reload
	systemctl restart web
	before=$(systemctl show web -p StatusText --value)
	allroads enable --now web > /dev/null 2>&1
	say "$settings, before $before"
	systemctl stop web
done < /opt/job/sandboxes
allroads disable web > /dev/null
systemctl start web
say disabled
echo done
