#!/usr/bin/env bash
# The tests of docs/reliability.md, in parts that can be run alone and repeated; in their long form, what
# they counted is written into that page.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/parts.sh
. benches/marks.sh

usage() {
  cat <<'TEXT'
usage: bash tests/reliability.sh [--long] [--dev] [--no-install] [--list] [--help] [PART...]

Runs the parts that are named, or all of them. With --long each runs in its long form, hours in all, and
its figures replace those of the same part between the marks of docs/reliability.md; without it each runs
as in CI, and no paper is written. A number that is set in the environment (ESCUCHA_KILLS=20000) stays.

Needs what tests/all.sh needs. Linux only: strace, /proc.

  --long         the long form
  --dev          of a build without optimization, which is made sooner; the figures say so
  --no-install   install nothing: when something is missing, say what, and end with 1
  --list         the parts, each with its tests and its numbers

Exit: 0 all parts passed, 1 one failed or counted nothing, 2 bad usage.
TEXT
}

# part | seconds at most, long | environment of the long form | tests (a word of their names), or a script
parts=(
  'kills|7200|ESCUCHA_KILLS=1000|r1_no_complaint'
  'ordinals|7200|ESCUCHA_ORDINALS=1000|r2_'
  'power|7200|ESCUCHA_POWER_CUTS=250|r3_'
  'soak|10800|ESCUCHA_SOAK=7200|r57_'
  'signals|900||r4_ r7_ r58_ sigterm_ends a_changed_keyword_file'
  'disk|3600|ESCUCHA_FAULTS=100|r22_ r23_ m20_ m18_writers r24_ r25_ r26_ a_second_service'
  'worlds|14400|ESCUCHA_SEEDS=10000 ESCUCHA_STEPS=150|a_hundred_worlds no_case_of_any_mixture'
  'properties|14400|PROPTEST_CASES=20000|fuzz:: extract::hostile config:: score:: model::id mail::compose reply::'
  'mail|1800||mail:: foreign:: letter:: r10_ r12_ r19_ r20_ r55_ s13_ s15_'
  'server|7200|ESCUCHA_CUTS=200 ESCUCHA_STOPS=20|r47_connections r47_a_commit r48_ r52_'
  'network|3600|ESCUCHA_SILENCES=2 ESCUCHA_SILENCE=300|r47_a_network'
  'fleet|7200|ESCUCHA_FLEET_SOURCES=5000 ESCUCHA_FLEET_SECONDS=900 ESCUCHA_PENDING=1000|r49_ r50_ r51_ r56_ is_fenced_from is_claimed_once a_visit_takes_hosts'
  'floods|7200|ESCUCHA_FLOOD=50000 ESCUCHA_STORM=10000 ESCUCHA_HOUR_PACE=6 ESCUCHA_HOUR_SECONDS=600 ESCUCHA_HOUR_COMPLAINTS=10000|r43_ r44_ a_hundred_complaints'
  'hostile|3600||r30_ r31_ r32_ r34_ r35_ m07_ m12_ m17_ s1_ s3_ s7_'
  'clock|3600||r28_ r29_ a_clock_that_was_set the_dates_of_feeds'
  'copies|3600||r27_ r5_ r6_ r53_ a_database_of_the_version_before a_backup_takes'
  'calls|3600||r45_ r46_ s29_ s30_ what_was_there_before'
  'seen|3600||r59_ what_is_not_well a_loop_that_does_not a_feed_that_is_gone many_sources_that_fail rule_53_ s18_ s19_ s20_ s21_ the_lock_file'
  'package|3600||tests/deb.sh'
  'container|3600||tests/docker.sh'
  'mutations|14400||tests/mutations.sh'
  'twice|3600||tests/twice.sh'
)

is_long=no
build=(--release)
folder=release
install=yes
names=()
for option in "$@"; do
  case $option in
    --long) is_long=yes ;;
    --dev) build=(); folder=debug ;;
    --no-install) install=no ;;
    --list) for part in "${parts[@]}"; do tr '|' '\t' <<<"$part"; done; exit 0 ;;
    --help | -h) usage; exit 0 ;;
    -*) printf 'unknown option: %s\n\n' "$option" >&2; usage >&2; exit 2 ;;
    *) names+=("$option") ;;
  esac
done
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(printf '%s\n' "${parts[@]}" | cut -d '|' -f 1)
for name in "${names[@]}"; do
  printf '%s\n' "${parts[@]}" | grep -q "^$name|" || { printf 'no such part: %s\n' "$name" >&2; exit 2; }
done

need_rust
need_parts "$install"
doc=docs/reliability.md
work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-reliability.XXXXXX")
chmod 711 "$work"
trap 'stop_cluster; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export ESCUCHA_TEST_RUN="escucha-$$-$RANDOM" ESCUCHA_TEST_ALL=1
need_receiver "$install"
start_cluster
say '== build'
# Parts whose tests stand beside the code need the library's tests, too.
targets=(--test it)
[[ ! " ${names[*]} " =~ \ (properties|hostile|clock|seen)\  ]] || targets+=(--lib)
cargo test "${build[@]}" --locked "${targets[@]}" --no-run
# A build that is made meanwhile does not change what is tested.
cp "${CARGO_TARGET_DIR:-$PWD/target}/$folder/escucha" "$work/escucha"
export ESCUCHA_TEST_BINARY="$work/escucha"

field() { printf '%s\n' "${parts[@]}" | grep "^$1|" | cut -d '|' -f "$2"; }

# Runs the tests of a part with its environment; what was set before stays.
run_part() {
  local name=$1 setting variable
  export ESCUCHA_TEST_TALLY="$work/tally-$name"
  : >"$ESCUCHA_TEST_TALLY"
  if [[ $(field "$name" 4) = *.sh ]]; then
    [ "$is_long" = no ] || timeout --kill-after=10 "$(field "$name" 2)" bash "$(field "$name" 4)" 2>&1 |
      tee "$work/log-$name"
    return
  fi
  (
    if [ "$is_long" = yes ]; then
      for setting in $(field "$name" 3); do
        variable=${setting%%=*}
        [ -n "${!variable:-}" ] || export "${setting?}"
      done
    fi
    # shellcheck disable=SC2046
    timeout --kill-after=10 "$(field "$name" 2)" cargo test "${build[@]}" --locked --no-fail-fast \
      "${targets[@]}" -- --nocapture $(field "$name" 4) >"$work/log-$name" 2>&1
  )
}

# The figures of a part, as rows of the table of docs/reliability.md.
rows() {
  local name=$1 commit tail
  commit=$(git rev-parse --short HEAD)
  git diff --quiet HEAD -- src tests Cargo.lock || commit="$commit, changed"
  [ "$folder" = release ] || commit="$commit, $folder build"
  tail="$(date -u +%F) | $commit | $name |"
  awk -F '\t' -v tail="$tail" '
    $1 == "figure" {
      key = $2 "\t" $3
      if (!(key in sum)) { order[++n] = key }
      # The same count from several tests is their sum; what is no number is told as it was last.
      sum[key] = ($4 ~ /^[0-9]+$/ && sum[key] ~ /^[0-9]*$/) ? sum[key] + $4 : $4
    }
    END {
      for (at = 1; at <= n; at++) {
        split(order[at], of, "\t")
        printf "| %s | %s | %s | %s\n", of[1], of[2], sum[order[at]], tail
      }
    }' "$work/tally-$name"
  # The part has passed, so each of its tests has: how many of those that the first table names.
  awk -F '|' -v tail="$tail" -v script="$(field "$name" 4)" '
    FILENAME != "'"$doc"'" {
      if (match($0, /^test [^ ]+/)) {
        n = split(substr($0, 6, RLENGTH - 5), path, "::")
        ran[path[n]] = 1
      }
      next
    }
    /^## What was found/ { exit }
    /^\| [RS][0-9]+ \|/ {
      n_passed = 0
      for (at = split($4, named, "`"); at > 1; at--) {
        if (at % 2 == 0) { n_passed += (named[at] in ran || named[at] == script) }
      }
      if (n_passed) { printf "|%s| tests that passed | %d | %s\n", $2, n_passed, tail }
    }' "$work/log-$name" "$doc"
}

# Puts the rows on its input in the place of those of part $1 between the marks.
write_rows() {
  local name=$1
  {
    printf '| number | what | count | on | commit | part |\n|---|---|---:|---|---|---|\n'
    { rows_between_marks "$doc" | grep -E '^\| [RS][0-9]' | grep -v "| $name |\$" || true; cat; } | sort -V -k 2,2 -s
  } >"$work/table"
  put_between_marks "$doc" "$work/table"
}

report=()
failed=0
# Read whole before it begins: hours pass, and somebody may edit this file.
run_parts() {
  for name in "${names[@]}"; do
    say "== $name"
    begun=$SECONDS
    code=0
    run_part "$name" || code=$?
    [ ! -f "$work/log-$name" ] || grep -E '^(test |test result|[RS][0-9]+: )|panicked|seed' "$work/log-$name" || true
    if [ "$code" -ne 0 ]; then
      failed=1
      [ ! -f "$work/log-$name" ] || tail -40 "$work/log-$name" >&2
      report+=("$(printf '%-12s FAILED  %5d s (exit %d)' "$name" $((SECONDS - begun)) "$code")")
      continue
    fi
    [ "$is_long" = no ] || rows "$name" | write_rows "$name"
    report+=("$(printf '%-12s ok      %5d s' "$name" $((SECONDS - begun)))")
  done
  say '== result'
  printf '%s\n' "${report[@]}"
  exit "$failed"
}
run_parts
