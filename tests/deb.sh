#!/usr/bin/env bash
# The Debian package, installed, started, upgraded and removed on a copy of this system: an overlay in a
# mount namespace of its own, so that nothing of it is left. Needs root (or sudo) and cargo-deb.
# There is no systemd at work in there: the unit's user, rights and socket are lent by this script, and
# its filter of system calls is compared with what the service calls.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
say() { printf '%s\n' "$*"; }

if [ "${1:-}" != inside ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-deb.XXXXXX")
  # What root wrote in there is gone with the namespace, but for the traces and mails.
  trap '"${as_root[@]}" rm -rf "$work"' EXIT
  chmod 755 "$work"
  export DEB_FAST=yes
  bash packaging/deb.sh "$work/old" >/dev/null
  DEB_VERSION=9.9.9-1 bash packaging/deb.sh "$work/new" >/dev/null
  "${as_root[@]}" env ESCUCHA_DEB_WORK="$work" unshare --mount --pid --net --fork --mount-proc bash tests/deb.sh inside
  exit
fi

# 1. A copy of the system, and a network of its own.
work=$ESCUCHA_DEB_WORK
ip link set lo up
mkdir "$work/over"
mount -t tmpfs -o size=600m tmpfs "$work/over"
mkdir "$work/over/up" "$work/over/work" "$work/over/root"
mount -t overlay overlay \
  -o "lowerdir=/,upperdir=$work/over/up,workdir=$work/over/work" "$work/over/root"
root=$work/over/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/package" && mount --bind "$work" "$root/package"
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
# Where PostgreSQL, mail servers … are installed their names must not be served by what we try.
accounts() { cut -d: -f1 "$root/etc/passwd" "$root/etc/group" | sort; }
files_of_ours() {
  (cd "$work/over/up" && find . -not -type d -not -type c -iname '*escucha*' \
    -not -path './package/*' -not -path './var/lib/dpkg/*' -not -path './var/cache/*' | sort)
}
accounts >"$work/accounts.before"

# 2. It installs, and says what to do next.
in_root dpkg -i "/package/old/$(basename "$work"/old/*.deb)" >"$work/install.log" 2>&1 ||
  { cat "$work/install.log" >&2; fail 'it does not install'; }
grep -q 'sudo escucha init /etc/escucha' "$work/install.log" || fail 'it does not say what to do next'
unit=/usr/lib/systemd/system/escucha.service
in_root systemd-analyze verify "$unit" 2>&1 | grep -i escucha && fail 'the unit has a fault'
in_root systemd-analyze security --offline=true --threshold=15 "$unit" | tail -n 1
in_root bash -n /usr/share/bash-completion/completions/escucha
[ -L "$root/etc/systemd/system/multi-user.target.wants/escucha.service" ] ||
  fail 'the unit is not enabled'

# 3. It is configured as its words say, and hears a complaint.
printf 'Telefonía Ejemplo\n\ngerente@ejemplo.test\n' |
  in_root escucha init /etc/escucha >/dev/null 2>&1 || fail 'escucha init /etc/escucha'
grep -q 'sqlite:///var/lib/escucha/escucha.db' "$root/etc/escucha/escucha.toml" ||
  fail 'the database would lie in /etc'
mkdir "$work/site" "$work/mails"
chmod 777 "$work/mails"
# Larger than what is read in process: the child that limits itself is under the filter, too.
cat >"$work/site/feed" <<XML
<!-- $(head -c 600000 /dev/zero | tr '\0' x) -->
<rss version="2.0"><channel><title>Foro</title><link>http://127.0.0.1:8000/</link><description>-</description>
<item><title>Nadie contesta</title><guid>1</guid><link>http://127.0.0.1:8000/1</link>
<pubDate>$(LC_ALL=C date -u -R)</pubDate><author>javier</author>
<description>Telefonía Ejemplo me ha cobrado dos veces. Llamé cuatro veces en dos semanas y nadie me contesta.
Estoy harto de esperar.</description></item></channel></rss>
XML
python3 - "$root/etc/escucha/escucha.toml" <<'PY'
import re, sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
text = re.sub(r"(?s)\n\[smtp\].*?(?=\n\[)", """
[smtp]
host = "127.0.0.1"
port = 2525
security = "none"
from = "Escucha <avisos@ejemplo.test>"
""", text)
text = re.sub(r"(?m)^\[fetch\]$", '[fetch]\nallow_private = ["127.0.0.0/8"]', text)
text += """
[[source]]
name = "foro"
kind = "feed"
url = "http://127.0.0.1:8000/feed"
full_text = false
"""
open(path, "w", encoding="utf-8").write(text)
PY
(cd "$work/site" && exec python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1) &
PATH="$PATH:/usr/sbin" smtp-sink -u nobody -d "$work/mails/%M." 127.0.0.1:2525 100 >/dev/null 2>&1 &
# A poll that comes before its server would find nothing, and the next is half an hour away.
for _ in $(seq 600); do
  ! (exec 3<>/dev/tcp/127.0.0.1/8000 4<>/dev/tcp/127.0.0.1/2525) 2>/dev/null || break
  sleep 0.1
done
as_service() {
  in_root setpriv --reuid escucha --regid escucha --init-groups --no-new-privs --bounding-set=-all \
    env ESCUCHA_CONFIG=/etc/escucha/escucha.toml "$@"
}
as_service escucha check >/dev/null || fail 'the configuration that init wrote is refused'

# Starts it as the unit does, waits for READY=1 on its socket, then for $1 mails in all, and ends it.
starts() {
  local n_mails=$1
  shift
  # The program under watch is the last argument; before it stands what watches it.
  python3 tests/ready.py "$root" "$n_mails" "$work/mails" "$@" ||
    fail 'the service did not start, did not mail or did not end'
}
starts 1 strace -f -qq -o /package/calls
python3 tests/ready.py --calls "$work/calls" || fail "the unit's filter would stop the service"

# 4. An upgrade keeps the configuration, the cases and the mail that waits, and tells nobody twice.
as_service escucha capture --author Carmen --text 'Telefonía Ejemplo me dejó un mes sin línea y nadie \
me contesta.' >/dev/null || fail 'a complaint cannot be taken by hand'
before=$(sha256sum "$root/etc/escucha/escucha.toml")
in_root dpkg -i "/package/new/$(basename "$work"/new/*.deb)" >"$work/upgrade.log" 2>&1 ||
  { cat "$work/upgrade.log" >&2; fail 'it does not upgrade'; }
[ "$before" = "$(sha256sum "$root/etc/escucha/escucha.toml")" ] || fail 'the configuration changed'
starts 2
[ "$(as_service escucha cases --json | wc -l)" -eq 2 ] || fail 'a case is gone'

# 5. Removed, it leaves what is the owner's; purged, nothing.
in_root dpkg -r escucha >/dev/null 2>&1 || fail 'it does not go'
[ ! -e "$root/usr/bin/escucha" ] && [ -s "$root/var/lib/escucha/escucha.db" ] &&
  [ -s "$root/etc/escucha/escucha.toml" ] || fail 'removing takes too little or too much'
in_root dpkg -P escucha >/dev/null 2>&1 || fail 'it cannot be purged'
left=$(files_of_ours)
[ -z "$left" ] || fail "purging leaves $left"
accounts | diff -q "$work/accounts.before" - >/dev/null || fail 'purging leaves the account'
say 'installed, started, upgraded, removed and purged: nothing is left, nobody was told twice'
kill %1 %2 2>/dev/null || true
