#!/usr/bin/env bash
# Every test, with its real parts: databases, mail servers, web servers, a browser, the built binary.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/parts.sh

usage() {
  cat <<'TEXT'
usage: bash tests/all.sh [--no-install] [--long] [--help]

Runs the formatter, the lints and every test against real parts, counts what ran, and fails when
one part did not run. Takes some minutes; at most 25 on two cores.

What it needs: Rust 1.95 with a C compiler, PostgreSQL's server programs, Chromium, smtp-sink
(from Postfix), Dovecot, strace, faketime, systemd-analyze, Python with the libraries
standardwebhooks and prometheus_client, cargo-deb, root's rights (or sudo) and the
system's root certificates. On Debian and Ubuntu it installs what is
missing, by package name, and says so first. It starts a PostgreSQL cluster of its own in a
temporary folder, never as root, and removes it at the end. Nothing listens outside loopback.

  --no-install   install nothing: when something is missing, say what, and end with 1
  --long         hours instead of minutes: then every part of tests/reliability.sh in its long form, whose
                 figures go into docs/reliability.md
  --help         this text

Exit: 0 all is well, 1 something failed or did not run, 2 bad usage.
TEXT
}

install=yes
is_long=no
for option in "$@"; do
  case $option in
    --no-install) install=no ;;
    --long) is_long=yes ;;
    --help | -h) usage; exit 0 ;;
    *) printf 'unknown option: %s\n\n' "$option" >&2; usage >&2; exit 2 ;;
  esac
done

first_failure=0
report=()

# Runs one step, notes how it ended and how long it took, and goes on: one run tells everything.
step() {
  local name=$1 begun=$SECONDS code=0
  shift
  say "== $name"
  "$@" || code=$?
  if [ "$code" -eq 0 ]; then
    report+=("$(printf '%-28s ok      %4d s' "$name" $((SECONDS - begun)))")
  else
    report+=("$(printf '%-28s FAILED  %4d s (exit %d)' "$name" $((SECONDS - begun)) "$code")")
    [ "$first_failure" -ne 0 ] || first_failure=$code
  fi
}

run_tests() {
  # The release profile shares its dependencies with the build above: one build of them, not two.
  cargo test --release --locked --no-fail-fast 2>&1 | tee "$work/test.log"
}

# Fails when one real part was met by no test.
count_parts() {
  local part n code=0
  printf '%-18s %s\n' part 'tests run'
  local parts='postgresql pgbouncer sqlite smtp smtp-sink dovecot http namespace chromium strace faketime'
  parts="$parts prometheus-client standardwebhooks binary"
  # Its master starts for root only.
  [ "$(id -u)" -ne 0 ] || parts="$parts postfix"
  for part in $parts; do
    n=$(grep -cx "$part" "$ESCUCHA_TEST_TALLY" || true)
    printf '%-18s %d\n' "$part" "$n"
    if [ "$n" -eq 0 ]; then
      printf 'FAILED: no test met %s; a part that does not run is a failure\n' "$part" >&2
      code=1
    fi
  done
  return "$code"
}

licences() {
  if cargo deny --version >/dev/null 2>&1; then
    cargo deny --locked check bans licenses sources
  else
    say 'cargo deny is not installed: deny.toml was not read (tests/it/tidy.rs checks its bans)'
  fi
}

totals() {
  awk '/^test result:/ { for (i = 2; i <= NF; i++) {
         if ($i == "passed;") passed += $(i - 1); if ($i == "failed;") failed += $(i - 1) } }
       END { printf "%d passed, %d failed\n", passed, failed }' "$work/test.log"
}

need_rust
need_parts "$install"

work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-tests.XXXXXX")
# The cluster's user must reach its own folder in here.
chmod 711 "$work"
trap 'stop_watch; stop_cluster; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

export ESCUCHA_TEST_RUN="escucha-$$-$RANDOM"
export ESCUCHA_TEST_ALL=1
export ESCUCHA_TEST_TALLY="$work/tally"
export ESCUCHA_TEST_BINARY="${CARGO_TARGET_DIR:-$PWD/target}/release/escucha"
: >"$ESCUCHA_TEST_TALLY"
: >"$work/test.log"

need_receiver "$install"
start_watch
start_cluster
step 'format' cargo fmt --check
step 'lints' cargo clippy --all-targets --locked -- -D warnings
# The release build is made once, as the container image makes it, and the tests then use it.
step 'release build, as image' bash tests/docker.sh
step 'Debian package' bash tests/deb.sh
step 'tests' run_tests
step 'every part met' count_parts
step 'licences and bans' licences
step 'nothing outside loopback' watch_result
[ "$is_long" = no ] || step 'reliability, long' bash tests/reliability.sh --long --no-install

say '== result'
printf '%s\n' "${report[@]}"
totals
exit "$first_failure"
