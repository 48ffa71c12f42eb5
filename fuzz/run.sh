#!/usr/bin/env bash
# Fuzzes the targets, an hour each, one after another, and writes what came of it into docs/fuzzing.md between its
# marks. Two may run beside each other with different targets. Ends with 1 when there is a finding.
#
#   bash fuzz/run.sh [--seconds N] [TARGET...]
#
# Needs cargo-fuzz and a nightly toolchain: cargo install cargo-fuzz --locked; rustup toolchain install nightly
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/marks.sh

seconds=3600
targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=${2:?--seconds wants a number}; shift ;;
    -*) sed -n 's/^# \{0,1\}//; 2,7p' "$0" >&2; exit 2 ;;
    *) [ -f "fuzz/fuzz_targets/$1.rs" ] || { printf 'no such target: %s\n' "$1" >&2; exit 2; }; targets+=("$1") ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz/fuzz_targets/*.rs)
doc=docs/fuzzing.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The row of a target, from the log of libFuzzer.
row() {
  local target=$1 findings=$2 log=$3 commit
  commit=$(git rev-parse --short HEAD)
  git diff --quiet HEAD -- src fuzz Cargo.lock || commit="$commit, changed"
  awk -v target="$target" -v findings="$findings" -v tail="$(date -u +%F) | $commit |" '
    /^Done [0-9]+ runs in/ { seconds = $5 }
    /^stat::number_of_executed_units/ { runs = $2 }
    /^stat::peak_rss_mb/ { memory = $2 }
    # The last state: how many edges of the program were taken, and by how many inputs that are kept.
    /^#[0-9]+/ { for (at = 1; at < NF; at++) { if ($at == "cov:") { edges = $(at + 1) } if ($at == "corp:") { kept = $(at + 1) } } }
    END {
      sub("/.*", "", kept)
      printf "| `%s` | %d | %d | %d | %d | %d | %d | %s\n", target, seconds, runs, edges, kept, memory, findings, tail
    }' "$log"
}

# Puts the row on its input in the place of that of target $1.
write_row() {
  {
    printf '| target | seconds | runs | edges taken | inputs kept | peak memory (MiB) | findings | on | commit |\n'
    printf '|---|---:|---:|---:|---:|---:|---:|---|---|\n'
    { rows_between_marks "$doc" | grep "^| \`" | grep -vF "| \`$1\` |" || true; cat; } | sort
  } >"$work/table"
  put_between_marks "$doc" "$work/table"
}

failed=0
cargo +nightly fuzz build -s none
for target in "${targets[@]}"; do
  printf '== %s, %s s\n' "$target" "$seconds"
  mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
  touch "$work/begun"
  code=0
  cargo +nightly fuzz run -s none "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- -timeout=5 \
    -rss_limit_mb=1024 -max_len=65536 -max_total_time="$seconds" -print_final_stats=1 >"$work/log" 2>&1 || code=$?
  findings=$(find "fuzz/artifacts/$target" -type f -newer "$work/begun" | wc -l)
  tail -n 8 "$work/log"
  if [ "$code" -ne 0 ]; then
    failed=1
    if [ "$findings" -eq 0 ]; then
      tail -n 40 "$work/log" >&2
      exit "$code"
    fi
  fi
  row "$target" "$findings" "$work/log" >"$work/row"
  (
    flock 9
    write_row "$target" <"$work/row"
  ) 9>"${TMPDIR:-/tmp}/escucha-fuzzing.lock"
done
exit "$failed"
