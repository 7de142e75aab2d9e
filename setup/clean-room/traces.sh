# Prints, one a line, what runs and what is set on this machine, so that two moments can be compared. Needs coreutils only.
for status in /proc/[0-9]*/status; do
  name= parent= pid=
  while read -r key value rest; do
    case $key in Name:) name=$value ;; Pid:) pid=$value ;; PPid:) parent=$value ;; State:) state=$value ;; esac
  done <"$status" 2>/dev/null
  # This script, what it started, and what ended but was not yet waited for, do not count.
  case " $pid $parent " in *" $$ "*) continue ;; esac
  [ -z "$pid" ] || [ "$state" = Z ] || echo "process $name: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
done
for link in /sys/class/net/*; do echo "network interface ${link##*/}"; done
while read -r device point type rest; do echo "mount $point ($type)"; done </proc/mounts
# What the packages themselves bring (folders in /run, their own timers) is no trace of the project.
for file in /run/netns/* /run/*.* /run/*/*.* /run/docker* /run/containerd* /tmp/* /tmp/.[!.]* /var/lib/swarmkeeper-lab/* \
  /usr/sbin/policy-rc.d; do
  case $file in /run/*.d) continue ;; esac
  [ ! -e "$file" ] && [ ! -L "$file" ] || echo "file $file"
done
# Also where there is no systemd: once there is, these start at boot.
for file in /etc/systemd/system/*.wants/*; do
  case $file in */docker.* | */containerd.* | */redis* | */ssh*) echo "service ${file##*/}" ;; esac
done
find /sys/fs/cgroup -mindepth 2 -type d -name 'swarmkeeper*' -printf 'control group %p\n'
grep -rs '' /proc/sys/net | sed -n '/nf_conntrack_count/!s|^/proc/sys/|setting |p'
if command -v iptables-save >/dev/null; then
  iptables-save | while read -r word rest; do
    case "$word $rest" in -A*) echo "firewall rule $rest" ;; :*' ACCEPT '* | :*' - '*) ;; :*) echo "firewall policy $word $rest" ;; esac
  done
fi
