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
# Without systemd, nothing reads what says which services it starts.
command -v systemctl >/dev/null && services='/etc/systemd/system/*.wants/*' || services=
# Packages make empty folders in /run; what programs leave there are sockets, pid files and the like.
for file in /run/netns/* /run/*.* /run/*/*.* /run/docker* /run/containerd* /tmp/* /tmp/.[!.]* /var/lib/swarmkeeper-lab/* $services \
  /usr/sbin/policy-rc.d; do
  [ ! -e "$file" ] && [ ! -L "$file" ] || echo "file $file"
done
find /sys/fs/cgroup -mindepth 2 -type d -name 'swarmkeeper*' -printf 'control group %p\n'
find /proc/sys/net -type f -readable -printf '%p\n' | while read -r file; do
  echo "setting ${file#/proc/sys/}: $(cat "$file" 2>/dev/null | tr '\n\t' '  ')"
done
if command -v iptables-save >/dev/null; then
  iptables-save | while read -r word rest; do
    case "$word $rest" in -A*) echo "firewall rule $rest" ;; :*' ACCEPT '* | :*' - '*) ;; :*) echo "firewall policy $word $rest" ;; esac
  done
fi
