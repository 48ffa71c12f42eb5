#!/usr/bin/env bash
# The Dockerfile's steps, done in a shell without a Docker engine: the build from exactly the files
# that its COPY lines name, and the program alone in a folder tree like the image's, as its user.
# What this cannot show: that the base images can be pulled and that their packages install.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
target=${CARGO_TARGET_DIR:-$repository/target}

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
say() { printf '%s\n' "$*"; }

# The Dockerfile with its continued lines joined and its comments gone; stage 1 or 2 of it.
stage() {
  sed -e '/^#/d' Dockerfile | sed -e ':a' -e '/\\$/N; s/\\\n//; ta' |
    awk -v wanted="$1" '/^FROM/ { stage++ } stage == wanted && NF'
}
# The arguments of an instruction: `lines 2 COPY`.
lines() { stage "$1" | sed -n "s/^$2 *//p"; }

# 1. Only what is copied is built. Not within the target folder: what cargo has built from there it would not
# build anew when the files of the repository change; an older version of this script did so.
rm -rf "$target/image"
context=$(mktemp -d "${TMPDIR:-/tmp}/escucha-context.XXXXXX")
trap 'rm -rf "$context"' EXIT
while read -r -a words; do
  to="$context/${words[-1]}"
  for from in "${words[@]:0:${#words[@]}-1}"; do
    [ -e "$from" ] || fail "COPY names $from, which is not in the repository"
    grep -qxF "!$from" .dockerignore || fail ".dockerignore keeps $from out of the build"
    if [ -d "$from" ]; then
      mkdir -p "$to" && cp -pR "$from/." "$to/"
    else
      case $to in */) mkdir -p "$to" ;; *) mkdir -p "$(dirname "$to")" ;; esac
      cp -p "$from" "$to"
    fi
  done
done < <(lines 1 COPY)
build=$(lines 1 RUN)
grep -q -- '--locked' <<<"$build" || fail 'the image is built without --locked'
# The repository's own target folder: the dependencies are built once for both.
say "building: $build"
rm -f "$target/release/escucha"
(cd "$context" && CARGO_TARGET_DIR="$target" bash -euc "$build")

# 2. The tree of the final image, without its base: what COPY brings, and the folders of its RUN.
tree=$(mktemp -d "${TMPDIR:-/tmp}/escucha-image.XXXXXX")
log=$tree.log
trap 'chmod -R u+w "$tree" && rm -rf "$context" "$tree" "$log"' EXIT
chmod 755 "$tree"
while read -r -a words; do
  to="$tree${words[-1]}"
  mkdir -p "$(dirname "$to")"
  case ${words[0]} in
    --from=builder) cp "${words[1]/#\/src\/target/$target}" "$to" ;;
    *) mkdir -p "$to" && cp "${words[@]:0:${#words[@]}-1}" "$to" ;;
  esac
done < <(lines 2 COPY)
while read -r command; do
  bash -nc "$command" || fail "RUN is no shell: $command"
done < <(lines 2 RUN)

binary="$tree/usr/local/bin/escucha"
[ -x "$binary" ] || fail 'the image has no /usr/local/bin/escucha'
while read -r library; do
  case $library in
    linux-vdso.so.1 | libc.so.6 | libm.so.6 | libgcc_s.so.1 | */ld-linux-*) ;;
    *) fail "the program needs $library, which debian-slim does not have" ;;
  esac
done < <(ldd "$binary" | awk '{ print $1 }')
# These come with the base image; here they are lent by this machine.
ldd "$binary" | grep -oE '/[^ ]+' | while read -r library; do
  mkdir -p "$tree$(dirname "$library")" && cp -L "$library" "$tree$library"
done
for lent in /etc/ssl/certs/ca-certificates.crt /usr/share/zoneinfo/Europe/Madrid; do
  [ -r "$lent" ] || continue
  mkdir -p "$tree$(dirname "$lent")" && cp -L "$lent" "$tree$lent"
done

# 3. As the image's user: the configuration read-only, one folder writable.
[ "$(lines 2 USER)" = escucha ] || fail 'the image does not run as escucha'
uid=$(lines 2 RUN | grep -oE -- '--uid [0-9]+' | awk '{ print $2 }')
{ [ -n "$uid" ] && [ "$uid" -ne 0 ]; } || fail 'the user has no fixed uid of its own'
data=$(lines 2 VOLUME)
[ "$data" = "$(lines 2 WORKDIR)" ] || fail 'the volume is not the working folder'
mkdir -p "$tree/etc/escucha" "$tree$data" "$tree/tmp"
cat >"$tree/etc/escucha/escucha.toml" <<'TOML'
language = "es"
time_zone = "Europe/Madrid"

[database]
url = "sqlite:///var/lib/escucha/escucha.db"

[company]
name = "Telefonía Ejemplo"

[[source]]
name = "foro"
kind = "feed"
url = "https://foro.test/rss"

[smtp]
host = "mail.ejemplo.test"
port = 465
security = "tls"
from = "Escucha <avisos@ejemplo.test>"

[alerts]
to = ["gerente@ejemplo.test"]
TOML
cat >"$tree/etc/escucha/keywords.toml" <<'TOML'
[[watch]]
name = "ejemplo"
query = '"telefonía ejemplo"'
TOML
chmod -R a=rX "$tree/etc"
export "$(lines 2 ENV)"

if [ "$(id -u)" -eq 0 ]; then
  chown "$uid:$uid" "$tree$data"
  chmod 700 "$tree$data"
  in_image() {
    setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
      chroot --userspec="$uid:$uid" --groups= "$tree" "$@"
  }
elif unshare --user --map-root-user chroot "$tree" /usr/local/bin/escucha --version >/dev/null 2>&1; then
  say 'not root: in a user namespace, as its only user'
  in_image() { unshare --user --map-root-user chroot "$tree" "$@"; }
else
  fail 'neither root nor user namespaces here: the image cannot be tried'
fi

escucha=/usr/local/bin/escucha
version=$(in_image $escucha --version)
# The lines below it say what the embedded model was trained on.
[ "${version%%$'\n'*}" = "escucha $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)" ] ||
  fail "--version says: $version"
in_image $escucha check || fail 'escucha check ended with an error'
# No service has ever run on this empty database, and the health check must say so.
health=$(in_image $escucha status) && fail 'escucha status is well although no service ever ran'
grep -q 'escucha run' <<<"$health" || fail "escucha status says: $health"
owner=$(stat -c %u "$tree$data/escucha.db") || fail 'the database is not in the volume'
[ "$(id -u)" -ne 0 ] || [ "$owner" = "$uid" ] || fail "the database belongs to $owner, not to $uid"
# The words that the container starts with, and asks its health with, are commands of the program.
lines 2 ENTRYPOINT | grep -qx '\["escucha"\]' || fail 'the entry point is not escucha'
for word in $(lines 2 CMD) $(lines 2 HEALTHCHECK | sed 's/.*CMD//'); do
  word=$(tr -d '[]",' <<<"$word")
  [ "$word" = escucha ] || in_image $escucha "$word" --help >/dev/null ||
    fail "escucha $word is no command"
done
[ "$(lines 2 STOPSIGNAL)" = SIGTERM ] || fail 'the container is not stopped by SIGTERM'

# 4. As a container is best run: nothing but the volume and a temporary folder can be written, no right can
# be gained, and the program is process 1, which no signal ends that it does not handle.
export tree data
contained() {
  # shellcheck disable=SC2016
  unshare ${namespace[@]+"${namespace[@]}"} --mount --pid --fork --kill-child bash -euc '
    mount --bind "$tree" "$tree"
    mount --bind "$tree$data" "$tree$data"
    mkdir -p "$tree/proc"
    mount -t proc proc "$tree/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
    mount -o remount,bind,ro "$tree"
    exec "$@"' - "$@"
}
namespace=()
if [ "$(id -u)" -eq 0 ]; then
  in_container() {
    contained setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
      chroot --userspec="$uid:$uid" --groups= "$tree" "$@"
  }
else
  namespace=(--user --map-root-user)
  in_container() { contained setpriv --no-new-privs chroot "$tree" "$@"; }
fi
in_container $escucha run >"$log" 2>&1 &
container=$!
for _ in $(seq 300); do
  ! grep -q listening "$log" || break
  kill -0 "$container" 2>/dev/null || fail "the service ended: $(cat "$log")"
  sleep 0.2
done
grep -q listening "$log" || fail "the service does not listen: $(cat "$log")"
# The one process of that tree that is the service, and which number it has within its own space.
service=$(pgrep -x escucha | while read -r pid; do
  [ "$(readlink "/proc/$pid/root")" != "$tree" ] || echo "$pid"
done | head -1)
[ -n "$service" ] || fail 'the service is not found'
[ "$(awk '/^NSpid:/ { print $NF }' "/proc/$service/status")" = 1 ] || fail 'the service is not process 1'
awk '/^(CapEff|CapBnd):/ { print $1, $2 }' "/proc/$service/status"
kill -TERM "$service"
wait "$container" || fail "SIGTERM ended process 1 with $?: $(cat "$log")"
say "container image: ${version%%$'\n'*}, $(du -h "$binary" | cut -f 1), user $uid, no foreign library"
