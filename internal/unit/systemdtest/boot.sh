# Boots the systemd of this machine in namespaces of its own, over a copy of its files
# that is not kept: $1/units are its only units of the administrator, and job.service
# among them runs $1/job. The process is in a cgroup of its own.
set -e
work=$1
mount --make-rprivate /
mkdir -p "$work/disk"
mount -t tmpfs none "$work/disk"
cd "$work/disk"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount -t proc proc root/proc
mount --bind root/proc/sys root/proc/sys
mount -o remount,ro,bind root/proc/sys
mount --bind root/proc/sys/net root/proc/sys/net # of the own network namespace
mount -o remount,rw,bind root/proc/sys/net
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs none root/sys/fs/cgroup
mount -t cgroup2 cgroup2 root/sys/fs/cgroup
for folder in run tmp dev; do mount -t tmpfs -o mode=755 none root/$folder; done
for device in null zero full random urandom tty; do
	touch root/dev/$device
	mount --bind /dev/$device root/dev/$device
done
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts root/dev/pts
ln -s /proc/self/fd root/dev/fd
ln -s pts/ptmx root/dev/ptmx
ln -s /dev/null root/dev/console
rm -rf root/etc/systemd/system root/usr/lib/systemd/system-generators # They look at this machine.
cp -r "$work/units" root/etc/systemd/system
mkdir -p root/opt/job
mount --bind "$work/job" root/opt/job
mount --rbind root root
cd root
mkdir -p old
pivot_root . old
exec env -i container=allroads PATH=/opt/job:/usr/sbin:/usr/bin:/sbin:/bin chroot . /bin/sh -c '
	umount -l /old
	exec /lib/systemd/systemd --system --unit=job.target --log-target=console --log-level=warning --show-status=no'
