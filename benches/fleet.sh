#!/usr/bin/env bash
# Measures 1, 2 and 4 workers on one PostgreSQL and writes the figures of docs/fleet.md between its marks,
# with the arithmetic for a million sources. The prose around them stays.
#
#   ESCUCHA_TEST_POSTGRES=postgres://… bash benches/fleet.sh
#
# SOURCES=10000 hosts, SECONDS_EACH=15 a phase, WORKERS="1 2 4". It wants an idle machine, and says how
# idle it was. Needs python3 for the table.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/marks.sh

: "${ESCUCHA_TEST_POSTGRES:?name a PostgreSQL server on which a database may be made}"
sources=${SOURCES:-10000}
seconds=${SECONDS_EACH:-15}
doc=docs/fleet.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
load=$(cut -d ' ' -f 1 /proc/loadavg)
cargo build --release --locked --bin escucha --bench poll
for n in ${WORKERS:-1 2 4}; do
  printf 'workers: %s …\n' "$n" >&2
  cargo bench --locked --bench poll -- --sources "$sources" --db "$ESCUCHA_TEST_POSTGRES" \
    --seconds "$seconds" --workers "$n" --json 2>"$work/err.txt" | tail -1 >"$work/$n.json" ||
    { tail -20 "$work/err.txt" >&2; exit 1; }
done
commit=$(git rev-parse --short HEAD 2>/dev/null || true)
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
python3 - "$work" "$sources" "$seconds" "$load" "$(nproc)" "$model" "$commit" >"$work/figures.md" <<'PYTHON'
import glob, json, os, sys
work, sources, seconds, load, cores, model, commit = sys.argv[1:]
runs = sorted((json.load(open(path)) for path in glob.glob(os.path.join(work, "*.json"))),
              key=lambda run: run["n_workers"])
busy = "; **others were at work, so the rates are too low**" if float(load) > 1 else ""
print(f"Written by `SOURCES={sources} SECONDS_EACH={seconds} bash benches/fleet.sh` on {cores} cores "
      f"({model}), which the workers share with PostgreSQL and with the servers that they ask, at commit "
      f"{commit}. Load before: {load}{busy}.\n")
print("| workers | 304, polls/s | news, polls/s | mixed, polls/s | mixed: a poll costs a worker | "
      "… and PostgreSQL | largest worker |")
print("|---:|---:|---:|---:|---:|---:|---:|")
for run in runs:
    phases = {phase["name"]: phase for phase in run["phases"]}
    mixed = phases["mixed"]["us_a_poll"]
    rates = " | ".join(f"{phases[name]['polls_a_second']:.0f}" for name in ("304", "news", "mixed"))
    print(f"| {run['n_workers']} | {rates} | {mixed['service']:.0f} µs | {mixed['postgres']:.0f} µs | "
          f"{run['peak_mib']} MiB |")
last = runs[-1]
mixed = next(phase for phase in last["phases"] if phase["name"] == "mixed")["us_a_poll"]
print("\nA million sources, by the processor time of the last row (one answer in five has news):\n")
print("| each read every | polls/s | cores for workers | cores for PostgreSQL |")
print("|---|---:|---:|---:|")
for name, period in (("15 minutes", 900), ("hour", 3600), ("6 hours", 21600)):
    rate = 1_000_000 / period
    print(f"| {name} | {rate:.0f} | {rate * mixed['service'] / 1e6:.1f} | {rate * mixed['postgres'] / 1e6:.1f} |")
rooms = {room["table"]: room for room in last["rooms"]}
print("\nRoom on the disk after that run, indices and the room of rows that were changed included:\n")
print("| table | rows | bytes a row |")
print("|---|---:|---:|")
for table, room in rooms.items():
    print(f"| `{table}` | {room['n_rows']} | {room['bytes'] // max(1, room['n_rows'])} |")
size = lambda table: rooms[table]["bytes"]
a_source = (size("sources") + size("hosts")) / rooms["sources"]["n_rows"]
a_post = sum(size(table) for table in ("posts", "seen_keys", "cases", "case_prints")) / rooms["posts"]["n_rows"]
print(f"\nSo a source with its host takes {a_source:.0f} bytes and a post with its keys and cases {a_post:.0f}: a million sources "
      f"are {a_source / 1000:.1f} GB before their posts, and each post a day of each source is {a_post / 1000:.1f} GB a day.")
PYTHON
put_between_marks "$doc" "$work/figures.md"
printf '%s is written\n' "$doc" >&2
