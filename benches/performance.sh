#!/usr/bin/env bash
# Measures what docs/performance.md tells and writes it between the two marks there; the prose around
# them stays. Takes a quarter of an hour after the build.
#
#   bash benches/performance.sh CORPORA
#
# CORPORA is a folder with the corpora `feeds` and `pages`, each with its manifest.jsonl. PostgreSQL is
# measured where ESCUCHA_TEST_POSTGRES names a server. feedparser is installed by pip into a folder that
# is gone afterwards with VADER, unless PYTHON names an interpreter that has both. What cannot be measured is said.
# Fewer are polled and tested with SOURCES=2000 and POSTS=100000, which the shown commands tell.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/marks.sh

corpora=${1:?usage: bash benches/performance.sh CORPORA}
doc=docs/performance.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
figures=$work/figures.md

say() { printf '%s\n' "$*" >&2; }
# section TITLE COMMAND…: the output of a command as a block under its own words.
section() {
  local title=$1 began=$SECONDS shown
  shift
  say "$title …"
  shown=${*//$ESCUCHA_TEST_POSTGRES/\$ESCUCHA_TEST_POSTGRES}
  shown=${shown//$corpora/CORPORA}
  shown=${shown//${PYTHON:-python3}/python3}
  printf '\n### %s\n\n`%s`\n\n```text\n' "$title" "$shown" >>"$figures"
  "$@" 2>"$work/err.txt" | tee -a "$figures" >&2 || { tail -n 20 "$work/err.txt" >&2; exit 1; }
  printf '```\n' >>"$figures"
  say "($((SECONDS - began)) s)"
}
left_out() { printf '\n### %s\n\nNot measured: %s.\n' "$1" "$2" >>"$figures"; say "$1: not measured: $2"; }
cpu_model() { sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1; }

load_before=$(cut -d ' ' -f 1 /proc/loadavg)
cargo build --release --locked --bin escucha --example corpus --bench parse --bench poll \
  --bench keywords
{
  printf 'Written by `bash benches/performance.sh CORPORA` on %s cores (%s)' "$(nproc)" "$(cpu_model)"
  commit=$(git rev-parse --short HEAD 2>/dev/null || true)
  [ -z "$commit" ] || printf ', at commit %s' "$commit"
  printf ', with %s. ' "$(rustc --version | cut -d ' ' -f 1,2)"
  printf 'Load of the machine before the build: %s' "$load_before"
  # Others at work take time that would be the service's.
  awk -v load="$load_before" 'BEGIN { print (load > 1) ? "; **others were at work, so the rates are too low**." : "." }'
} >"$figures"

ESCUCHA_TEST_POSTGRES=${ESCUCHA_TEST_POSTGRES:-}
section 'Polls, SQLite' cargo bench --locked --bench poll -- --sources "${SOURCES:-10000}" --db sqlite
if [ -n "$ESCUCHA_TEST_POSTGRES" ]; then
  section 'Polls, PostgreSQL' cargo bench --locked --bench poll -- --sources "${SOURCES:-10000}" \
    --db "$ESCUCHA_TEST_POSTGRES"
else
  left_out 'Polls, PostgreSQL' 'ESCUCHA_TEST_POSTGRES names no server'
fi

section 'Another keyword file on a million posts' cargo bench --locked --bench keywords \
  -- --posts "${POSTS:-1000000}"

if [ -z "${PYTHON:-}" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet feedparser==6.0.14 vaderSentiment==3.3.2
  PYTHON=$work/venv/bin/python
fi
section 'Scoring posts, beside VADER' "$PYTHON" benches/score.py target/release/escucha \
  tests/data/development.jsonl

if [ ! -f "$corpora/feeds/manifest.jsonl" ]; then
  left_out 'Reading feeds, beside feedparser' 'there is no corpus of feeds'
else
  section 'Reading feeds, beside feedparser' cargo bench --locked --bench parse -- \
    "$corpora/feeds" "$PYTHON"
fi

if [ ! -f "$corpora/pages/manifest.jsonl" ]; then
  left_out 'Reading pages' 'there is no corpus of pages'
else
  section 'Reading pages' cargo run --release --locked --example corpus -- pages "$corpora/pages"
fi

put_between_marks "$doc" "$figures"
say "$doc is written"
