#!/bin/sh
# PID 1 of one lab host: makes the machine's tree look like a machine of its own, then only reaps orphans.
#
# It runs in new mount, net, pid, uts and ipc namespaces (see host.ts). Being PID 1 of a pid namespace is what makes a
# power loss exact: the kernel kills engine, sshd, shims and containers together with it, and nothing survives.
#
#   host-boot.sh FOLDER NAME CGROUP HOME     FOLDER: the host's state folder; CGROUP: the lab's cgroup name
set -eu
folder=$1 name=$2 group=$3 home=$4 phase=${5:-outside}

# Every version 1 hierarchy of this kernel, as "controllers:path of this process".
hierarchies() {
  while IFS=: read -r number controllers path; do
    [ -z "$controllers" ] || echo "$controllers:$path"
  done </proc/self/cgroup
}

# The machine may have the hierarchies read-only, elsewhere or not mounted: mount them afresh, seen only in here.
mount_cgroups() {
  list=$(hierarchies)
  case "$list" in
  *devices*)
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    for line in $list; do
      controllers=${line%%:*}
      mkdir -p "/sys/fs/cgroup/$controllers"
      case $controllers in name=*) options=none,$controllers ;; *) options=$controllers ;; esac
      # A hierarchy that cannot be mounted in here is one that the engine does without.
      mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/$controllers" 2>/dev/null || rmdir "/sys/fs/cgroup/$controllers"
    done
    version=1
    ;;
  *)
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    version=2
    ;;
  esac
}

# Allows each controller to the children of a group, one by one: which ones exist there depends on the machine.
allow_controllers() {
  for controller in $(cat "$1/cgroup.controllers"); do
    (echo "+$controller" >"$1/cgroup.subtree_control") 2>/dev/null || true
  done
}

# Enters CGROUP/NAME below the group this process was started in, so that the machine's own limits still hold.
enter_cgroup() {
  if [ $version = 2 ]; then
    while IFS=: read -r number controllers path; do own=$path; done </proc/self/cgroup
    parent=/sys/fs/cgroup${own%/}/$group
    mkdir -p "$parent/$name"
    allow_controllers "$parent"
    echo 0 >"$parent/$name/cgroup.procs"
    return
  fi
  hierarchies | while IFS=: read -r controllers path; do
    parent=/sys/fs/cgroup/$controllers
    [ -d "$parent" ] || continue
    parent=$parent${path%/}
    for child in "$group" "$name"; do
      mkdir -p "$parent/$child"
      for file in cpuset.cpus cpuset.mems; do
        # A cpuset without CPUs takes no process; siblings may fill the shared parent at the same time.
        [ ! -e "$parent/$file" ] || cat "$parent/$file" >"$parent/$child/$file" 2>/dev/null || true
      done
      parent=$parent/$child
    done
    echo 0 >"$parent/cgroup.procs"
  done
}

if [ "$phase" = outside ]; then
  # /proc is still the machine's, so this is the pid by which the machine knows this process.
  read -r pid rest </proc/self/stat
  echo "$pid" >"$folder/init.new"
  # Copies of the machine's mounts came along. Those that hold other engines' networks and containers would keep them
  # alive for as long as this host runs.
  while read -r id parent device root point rest; do
    case "$point $rest" in *' - nsfs '* | */merged\ *' - overlay '*) umount -l "$point" || true ;; esac
  done </proc/self/mountinfo
  mount -t sysfs sysfs /sys
  # Written before the groups exist, so that a crash in between leaves no group that nobody knows of.
  cp /proc/self/cgroup "$folder/cgroups"
  mount_cgroups
  enter_cgroup
  umount -R /sys/fs/cgroup
  exec unshare --cgroup -- /bin/sh "$0" "$folder" "$name" "$group" "$home" inside
fi

mount_cgroups
if [ $version = 2 ]; then
  # A group whose children have controllers may hold no process itself: the host's own processes live in a leaf.
  mkdir /sys/fs/cgroup/init
  echo 0 >/sys/fs/cgroup/init/cgroup.procs
  allow_controllers /sys/fs/cgroup
fi

hostname "$name"
# /etc: the machine's, with the host's own changes above it. A copy where overlays do not work.
[ -e "$folder/etc/docker" ] && first=no || first=yes
mount -t overlay -o "lowerdir=/etc,upperdir=$folder/etc,workdir=$folder/etc.work" overlay /etc 2>/dev/null || {
  cp -an /etc/. "$folder/etc/"
  mount --bind "$folder/etc" /etc
}
if [ $first = yes ]; then
  # Not the machine's engine settings, nor its key.json: engines with one key have one ID.
  rm -rf /etc/docker /etc/nologin
  mkdir /etc/docker
fi
mount --bind "$folder/home" "$home"
mount --bind "$folder/log" /var/log
mount --bind "$folder/run" /run
# containerd makes folders in /opt, and two hosts that write to one /tmp would not be two hosts.
mount -t tmpfs -o mode=755 opt /opt
case $folder in /tmp/*) ;; *) mount -t tmpfs -o mode=1777 tmp /tmp ;; esac
mount -t proc proc /proc

mv "$folder/init.new" "$folder/init"
# `wait` also reaps what was orphaned to this process, shims above all.
while :; do
  sleep infinity &
  wait
done
