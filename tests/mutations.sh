#!/usr/bin/env bash
# Takes each guard out of a copy of the code and sees that its tests fail.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/parts.sh

usage() {
  cat <<'TEXT'
usage: bash tests/mutations.sh [--no-install] [--help] [NAME...]

For each tests/mutations/NAME.patch (all when none is named): applies it to a copy of what git knows
of this folder, builds, runs the tests that the patch names, and wants every one of them to fail; first
it wants them all to pass without any patch. What "to fail" means stands in the patch as `ends:`
  fail   the test says FAILED
  abort  the process of the tests ends by a signal
  hang   the test says FAILED or has not ended after a minute
Needs what tests/all.sh needs, and about a minute a patch.

Exit: 0 each guard has a test, 1 one has none, or a patch does not apply or build; 2 bad usage.
TEXT
}

install=yes
names=()
for option in "$@"; do
  case $option in
    --no-install) install=no ;;
    --help | -h) usage; exit 0 ;;
    -*) printf 'unknown option: %s\n\n' "$option" >&2; usage >&2; exit 2 ;;
    *) names+=("$(basename "$option" .patch)") ;;
  esac
done
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(basename -s .patch tests/mutations/*.patch)
for name in "${names[@]}"; do
  [ -r "tests/mutations/$name.patch" ] || { printf 'no such patch: %s\n' "$name" >&2; exit 2; }
done

need_rust
need_parts "$install"
patches=$PWD/tests/mutations
work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-mutations.XXXXXX")
chmod 711 "$work"
trap 'stop_cluster; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# What the tests count here is of no interest: the figures of this script are its own.
tally=${ESCUCHA_TEST_TALLY:-}
export ESCUCHA_TEST_RUN="escucha-$$-$RANDOM" ESCUCHA_TEST_ALL=1 ESCUCHA_TEST_TALLY="$work/tally"
# Built apart, so that no mutation is ever found in the folder where people build; kept from run to run.
export CARGO_TARGET_DIR="${ESCUCHA_MUTATIONS_TARGET:-$PWD/target/mutations}" CARGO_PROFILE_DEV_DEBUG=0
# From one build to the next a line differs.
export CARGO_INCREMENTAL=1
need_receiver "$install"
start_cluster
# The program of whoever called would be tested in place of the one with the mutation.
unset ESCUCHA_TEST_BINARY CARGO_MANIFEST_DIR

mkdir "$work/tree"
git ls-files -z | grep -zv '^target/' | xargs -0 cp --parents -t "$work/tree"
cd "$work/tree"
# A patch is undone by the repository of the copy.
git init -q . && git add -A && git -c user.name=tests -c user.email=tests@ejemplo.test commit -qm copy

field() { sed -n "s/^$2: //p" "$patches/$1.patch" | head -1; }

# Where the tests stand that are named: each half of them takes as long to build as the other.
targets() {
  local test
  for test in "$@"; do
    if grep -rqE "fn $test\b" tests/it; then echo --test=it; else echo --lib; fi
  done | sort -u
}

# $@: the tests.
build() {
  # shellcheck disable=SC2046
  cargo test --locked $(targets "$@") --no-run >"$work/build.log" 2>&1
}

# $1: seconds, then the tests.
run_tests() {
  local seconds=$1
  shift
  # shellcheck disable=SC2046
  timeout --kill-after=5 "$seconds" cargo test --locked --no-fail-fast $(targets "$@") -- "$@" \
    >"$work/run.log" 2>&1
}

# Of the tests of patch $1: those that did not say $2.
without() {
  local test
  for test in $(field "$1" tests); do
    grep -qE "^test (.*::)?$test \.\.\. $2" "$work/run.log" || printf '%s ' "$test"
  done
}

# The verdict on the patch that is applied; its words are the row, the exit code the result.
verdict() {
  local name=$1 code=0 left seconds=600
  # shellcheck disable=SC2046
  build $(field "$name" tests) || { tail -20 "$work/build.log" >&2; echo 'does not build'; return 1; }
  [ "$(field "$name" ends)" != hang ] || seconds=60
  # shellcheck disable=SC2046
  run_tests "$seconds" $(field "$name" tests) || code=$?
  left=$(without "$name" FAILED)
  case $(field "$name" ends) in
    hang) [ "$code" -ne 124 ] || { echo 'hangs, as it must'; return 0; } ;;
    abort) ! grep -q '(signal: ' "$work/run.log" || { echo 'aborts, as it must'; return 0; } ;;
  esac
  [ -z "$left" ] && { echo 'fails, as it must'; return 0; }
  printf 'SURVIVES: %s\n' "$left"
  return 1
}

say "== without any mutation"
all=$(for name in "${names[@]}"; do field "$name" tests; done)
# shellcheck disable=SC2086
build $all || { tail -40 "$work/build.log" >&2; die 'the code does not build as it is'; }
# shellcheck disable=SC2086
run_tests 900 $all || true
for name in "${names[@]}"; do
  left=$(without "$name" ok)
  [ -z "$left" ] || { cat "$work/run.log" >&2; die "not passed without any mutation: $left"; }
done
printf '%d tests pass\n' "$(wc -w <<<"$all")"

failed=0
say '== each mutation'
for name in "${names[@]}"; do
  begun=$SECONDS
  if ! git apply "$patches/$name.patch" 2>"$work/apply.log"; then
    cat "$work/apply.log" >&2
    row='does not apply: write it anew for the code as it is'
    failed=$((failed + 1))
  else
    row=$(verdict "$name") || failed=$((failed + 1))
    git checkout -q .
  fi
  printf '%-28s %4d s  %s\n' "$name" $((SECONDS - begun)) "$row"
done
printf '%d mutations, %d without a test that fails\n' "${#names[@]}" "$failed"
export ESCUCHA_TEST_TALLY=$tally
figure R60 'guards taken out' "${#names[@]}"
figure R60 'of them that no test noticed' "$failed"
[ "$failed" -eq 0 ]
