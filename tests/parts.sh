# Sourced by all.sh: finds, installs, starts and stops the real parts of the tests.

say() { printf '\n%s\n' "$*"; }

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# A figure for docs/reliability.md: number, what, count. Kept where somebody counts.
figure() {
  [ -z "${ESCUCHA_TEST_TALLY:-}" ] || printf 'figure\t%s\t%s\t%s\n' "$@" >>"$ESCUCHA_TEST_TALLY"
}

need_rust() {
  command -v cargo >/dev/null 2>&1 ||
    die 'Rust is missing: install 1.95 or newer, for example from https://rustup.rs'
  local version
  version=$(cargo --version | awk '{ print $2 }')
  printf '1.95.0\n%s\n' "$version" | sort -VC ||
    die "Rust $version is too old: 1.95 or newer is needed (rustup update)"
}

find_postgres() {
  local folder on_path
  on_path=$(command -v initdb || true)
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) "${on_path%/initdb}"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      printf '%s\n' "$folder"
      return
    fi
  done
}

find_program() {
  local program
  for program in "$@"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" && return
  done
  true
}

# A Python that knows module $1: that named by $2, the first on the PATH, or the system's own.
find_python() {
  local python
  for python in "$2" python3 /usr/bin/python3; do
    [ -z "$python" ] || ! "$python" -c "import $1" 2>/dev/null || {
      command -v "$python"
      return
    }
  done
}

# The library that judges our signatures; PyPI has it, Debian does not.
LIBRARY=standardwebhooks==1.0.1
find_receiver() { find_python standardwebhooks.webhooks "${ESCUCHA_TEST_WEBHOOKS:-}"; }
find_prometheus() { find_python prometheus_client "${ESCUCHA_TEST_PROMETHEUS:-}"; }

# $1: yes or no, may it be installed? Into the work folder, which goes at the end.
need_receiver() {
  ESCUCHA_TEST_WEBHOOKS=$(find_receiver)
  if [ -z "$ESCUCHA_TEST_WEBHOOKS" ]; then
    [ "$1" = yes ] || die "missing: Python's package $LIBRARY
--no-install was given; to install it, in an environment of its own:
python3 -m venv FOLDER && FOLDER/bin/pip install --no-deps $LIBRARY
export ESCUCHA_TEST_WEBHOOKS=FOLDER/bin/python"
    say "Installing by pip, in the temporary folder: $LIBRARY"
    { python3 -m venv "$work/python" && "$work/python/bin/pip" install -q --no-deps \
      --disable-pip-version-check --retries 5 "$LIBRARY"; } || die "pip could not install $LIBRARY"
    ESCUCHA_TEST_WEBHOOKS="$work/python/bin/python"
  fi
  export ESCUCHA_TEST_WEBHOOKS
}

find_chromium() { find_program chromium chromium-browser google-chrome google-chrome-stable; }
find_smtp_sink() { find_program smtp-sink; }
find_pgbouncer() { find_program pgbouncer; }
# Debian keeps the IMAP half in a package of its own.
find_dovecot() { [ -x /usr/lib/dovecot/imap ] && find_program dovecot; true; }

# One package name a line for everything that is not here.
missing_packages() {
  [ -n "$(find_program cc)" ] || printf '%s\n' gcc libc6-dev
  { [ -n "$(find_postgres)" ] && [ -n "$(find_program psql)" ]; } || echo postgresql
  [ -n "$(find_chromium)" ] || echo "$(is_ubuntu && echo chromium-browser || echo chromium)"
  [ -n "$(find_smtp_sink)" ] || echo postfix
  [ -n "$(find_dovecot)" ] || echo dovecot-imapd
  [ -n "$(find_pgbouncer)" ] || echo pgbouncer
  [ -n "$(find_program strace)" ] || echo strace
  [ -n "$(find_program systemd-analyze)" ] || echo systemd
  [ -n "$(find_program faketime)" ] || echo faketime
  [ -n "$(find_program adduser)" ] || echo adduser
  [ -n "$(find_program python3)" ] || echo python3
  [ -n "$(find_prometheus)" ] || echo python3-prometheus-client
  [ -n "$(find_program ip)" ] || echo iproute2
  [ -n "$(find_receiver)" ] || python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  [ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/ssl/cert.pem ] ||
    [ -s /etc/pki/tls/certs/ca-bundle.crt ] || echo ca-certificates
}

os_release() { [ -r /etc/os-release ] && grep -qE "^(ID|ID_LIKE)=.*$1" /etc/os-release; }
is_ubuntu() { os_release ubuntu; }
is_debian_like() { os_release '(debian|ubuntu)' && command -v apt-get >/dev/null 2>&1; }

# $1: yes or no, may packages be installed?
need_parts() {
  local packages
  mapfile -t packages < <(missing_packages)
  if [ ${#packages[@]} -gt 0 ]; then
    is_debian_like ||
      die "missing (by Debian's package names): ${packages[*]}
This system is neither Debian nor Ubuntu: install their like by its own means.
Needed are PostgreSQL's initdb, pg_ctl and psql, PgBouncer, Chromium, smtp-sink (it comes with Postfix), Dovecot with IMAP,
strace, faketime, ip, Python with venv, pip and prometheus_client, a C compiler and the root certificates."
    [ "$1" = yes ] || die "missing packages: ${packages[*]}
--no-install was given; to install them: apt-get install --no-install-recommends ${packages[*]}"
    say "Installing by apt-get, with no service started: ${packages[*]}"
    install_packages "${packages[@]}"
  fi
  if ! cargo deb --version >/dev/null 2>&1; then
    [ "$1" = yes ] || die 'cargo-deb is missing: cargo install cargo-deb --locked'
    say 'Installing cargo-deb, which makes the Debian package'
    cargo install cargo-deb --locked --no-default-features --quiet
  fi
  ESCUCHA_TEST_CHROMIUM=$(find_chromium)
  ESCUCHA_TEST_SMTP_SINK=$(find_smtp_sink)
  ESCUCHA_TEST_DOVECOT=$(find_dovecot)
  ESCUCHA_TEST_PROMETHEUS=$(find_prometheus)
  ESCUCHA_TEST_PGBOUNCER=$(find_pgbouncer)
  postgres_bin=$(find_postgres)
  { [ -n "$ESCUCHA_TEST_CHROMIUM" ] && [ -n "$ESCUCHA_TEST_SMTP_SINK" ] &&
    [ -n "$ESCUCHA_TEST_DOVECOT" ] && [ -n "$ESCUCHA_TEST_PROMETHEUS" ] && [ -n "$ESCUCHA_TEST_PGBOUNCER" ] &&
    [ -n "$postgres_bin" ]; } ||
    die 'apt-get ended well, and still one of PostgreSQL, PgBouncer, Chromium, smtp-sink, Dovecot and prometheus_client is not found'
  export ESCUCHA_TEST_CHROMIUM ESCUCHA_TEST_SMTP_SINK ESCUCHA_TEST_DOVECOT ESCUCHA_TEST_PROMETHEUS \
    ESCUCHA_TEST_PGBOUNCER
  PATH="$PATH:$postgres_bin"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null 2>&1 || die 'packages can be installed by root only, and there is no sudo'
    sudo "$@"
  fi
}

# Without questions, without removing anything (Postfix would drive out another mail server), and
# with services kept from starting: the tests want the programs, not the servers.
install_packages() {
  local policy=/usr/sbin/policy-rc.d own_policy=no code=0
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600)
  if [ ! -e "$policy" ]; then
    own_policy=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
  { as_root "${apt[@]}" update &&
    as_root "${apt[@]}" install -y --no-install-recommends --no-remove "$@"; } || code=$?
  [ "$own_policy" = no ] || as_root rm -f "$policy"
  [ "$code" -eq 0 ] || die "apt-get could not install $* (exit $code).
Where another mail server than Postfix is installed, it is left alone: unpack Debian's package
postfix elsewhere and put its smtp-sink on the PATH."
}

# Runs a program of PostgreSQL; as root it would refuse.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

cluster=
start_cluster() {
  cluster="$work/cluster"
  mkdir "$cluster"
  [ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
  as_postgres "$postgres_bin/initdb" -D "$cluster/data" -U postgres --auth=trust --encoding=UTF8 \
    --locale=C --no-sync >"$work/initdb.log" || { cat "$work/initdb.log" >&2; die 'initdb failed'; }
  local port
  for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    # Durability is PostgreSQL's own business, not the tests': fsync is off here and here only.
    if as_postgres "$postgres_bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -s -w -o "-p $port \
-c listen_addresses=127.0.0.1 -c unix_socket_directories=$cluster -c max_connections=300 \
-c fsync=off -c full_page_writes=off" start 2>/dev/null; then
      export ESCUCHA_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
      say "PostgreSQL $(psql "$ESCUCHA_TEST_POSTGRES" -Atc 'SHOW server_version') at 127.0.0.1:$port"
      return
    fi
  done
  cat "$cluster/log" >&2
  die 'PostgreSQL did not start'
}

stop_cluster() {
  [ -n "$cluster" ] && [ -e "$cluster/data/postmaster.pid" ] || return 0
  as_postgres "$postgres_bin/pg_ctl" -D "$cluster/data" -s -m immediate stop || true
}

# Listening TCP sockets that the network can reach, one inode a line.
# (The kernel writes 127.0.0.1 as 0100007F, ::1 as below, and 127.0.0.1 in IPv6 with FFFF before.)
reachable_sockets() {
  awk '$4 == "0A" && $2 !~ /^......7F:/ && $2 !~ /^00000000000000000000000001000000:/ &&
       $2 !~ /^0000000000000000FFFF0000......7F:/ { print $10 }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null | sort -u
}

# Is this process one of this run's? PostgreSQL overwrites its environment with its title.
is_ours() {
  [ "$1" = "$(head -n 1 "$cluster/data/postmaster.pid" 2>/dev/null)" ] ||
    grep -qxzF "ESCUCHA_TEST_RUN=$ESCUCHA_TEST_RUN" "/proc/$1/environ" 2>/dev/null
}

# Notes every process of this run that listens where others can reach it.
watch_sockets() {
  local inode fd pid
  while sleep 0.5; do
    for inode in $(reachable_sockets | comm -13 "$work/sockets" -); do
      for fd in $(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null || true); do
        pid=${fd#/proc/}
        pid=${pid%%/*}
        if is_ours "$pid"; then
          tr '\0' ' ' <"/proc/$pid/cmdline" >>"$work/reachable" || true
          echo >>"$work/reachable"
        fi
      done
    done
  done
}

watcher=
start_watch() {
  [ -r /proc/net/tcp ] || { say 'No /proc/net/tcp here: who listens outside loopback is not seen'; return 0; }
  : >"$work/reachable"
  reachable_sockets >"$work/sockets"
  watch_sockets &
  watcher=$!
}

stop_watch() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
  watcher=
}

watch_result() {
  [ -n "$watcher" ] || return 0
  kill -0 "$watcher" 2>/dev/null || { echo 'the watch on listening sockets ended early' >&2; return 1; }
  [ ! -s "$work/reachable" ] || { sort -u "$work/reachable" >&2; return 1; }
}
