#!/usr/bin/env bash
# Measures what the papers would otherwise have to claim, and writes docs/figures.md as a whole.
# Needs cargo, python3 and Linux's /proc. Takes some minutes after the builds.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-$PWD/target}
binary="$target/release/escucha"
work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-figures.XXXXXX")
children=()
clean_up() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

rows=()
say() { printf '%s\n' "$*" >&2; }
# figure NAME VALUE COMMAND
figure() {
  rows+=("| $1 | $2 | \`$3\` |")
  say "$1: $2"
}
fail() {
  say "FAILED: $*"
  exit 1
}
# wait_until SECONDS WHAT COMMAND…
wait_until() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "waited in vain until $what"
    sleep 0.2
  done
}
seconds_since() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f s", to - from }'; }

measure_build() {
  local command='cargo build --release --locked' begun was_there=no
  [ ! -d "$target/release" ] || was_there=yes
  begun=$(date +%s.%N)
  $command
  if [ "$was_there" = no ]; then
    figure 'release build from nothing, crates downloaded' "$(seconds_since "$begun")" "$command"
  else
    figure 'release build from nothing' 'not measured: target/release was there already' "$command"
  fi
  figure 'binary, stripped' "$(stat -c %s "$binary" | numfmt --to=iec-i --suffix=B)" \
    'ls -l target/release/escucha'
}

measure_demo() {
  local begun
  begun=$(date +%s.%N)
  "$binary" demo "$work/demo" >"$work/demo.txt" 2>&1 || fail "the demonstration failed"
  figure 'demonstration, from start to end' "$(seconds_since "$begun")" 'escucha demo'
}

# Five feeds of a hundred quiet posts each, on loopback.
write_town() {
  local n item
  mkdir -p "$work/town" "$work/conf"
  for n in 1 2 3 4 5; do
    {
      printf '<rss version="2.0"><channel><title>%s</title><link>http://127.0.0.1/</link>' "$n"
      printf '<description>d</description>'
      for item in $(seq 100); do
        printf '<item><guid isPermaLink="false">%s-%s</guid><title>Nota %s</title>' "$n" "$item" "$item"
        printf '<description>La plaza %s del barrio %s abre hoy a las nueve.</description></item>' "$item" "$n"
      done
      printf '</channel></rss>\n'
    } >"$work/town/$n.xml"
  done
}

write_configuration() {
  local port=$1 n
  {
    printf 'language = "en"\n[company]\nname = "Ejemplo"\n'
    for n in 1 2 3 4 5; do
      printf '[[source]]\nname = "s%s"\nurl = "http://127.0.0.1:%s/%s.xml"\n' "$n" "$port" "$n"
    done
    printf '[fetch]\ncontact = "https://ejemplo.test/"\nallow_private = ["127.0.0.0/8"]\n'
    printf '[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\nfrom = "a@ejemplo.test"\n'
    printf '[alerts]\nto = ["b@ejemplo.test"]\n'
  } >"$work/conf/escucha.toml"
  printf '[[watch]]\nname = "ejemplo"\nquery = "ejemplo"\n' >"$work/conf/keywords.toml"
}

port_is_known() { grep -q ' port [0-9]' "$work/town.log"; }
all_are_read() {
  [ "$("$binary" --config "$work/conf/escucha.toml" sources --json |
    grep -c '"last_ok_at":"')" -eq 5 ]
}
# Ticks of processor time that process $1 has used.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
is_idle() {
  local before
  before=$(ticks "$1")
  sleep 3
  [ $(($(ticks "$1") - before)) -le 1 ]
}

measure_memory() {
  local server service port
  write_town
  python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$work/town" >"$work/town.log" 2>&1 &
  server=$!
  children+=("$server")
  wait_until 20 'the small server listens' port_is_known
  port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/town.log" | head -n 1)
  write_configuration "$port"
  # Makes the tables: two programs that open a new database at once may quarrel about it.
  "$binary" --config "$work/conf/escucha.toml" sources >"$work/sources.txt"
  "$binary" --config "$work/conf/escucha.toml" run 2>"$work/run.log" &
  service=$!
  children+=("$service")
  wait_until 60 'five sources are read' all_are_read
  wait_until 60 'the service is idle' is_idle "$service"
  figure 'memory of the idle service (5 sources, 500 posts, SQLite)' \
    "$(awk '/^VmRSS/ { printf "%.0f MiB", $2 / 1024 }' "/proc/$service/status")" \
    'escucha run; grep VmRSS /proc/PID/status'
  kill "$service"
  wait "$service" || fail 'the service did not end well'
  kill "$server"
}

measure_scorer() {
  local command='cargo test --release --locked --test it corpus:: -- --nocapture' part line
  $command >"$work/corpus.txt" 2>&1 || { tail -n 20 "$work/corpus.txt" >&2; fail 'corpus'; }
  for part in held fresh tune dev; do
    line=$(grep -oE "(^| )$part: precision .*" "$work/corpus.txt" | head -n 1)
    [ -n "$line" ] || fail "the corpus test says nothing of $part"
    figure "scorer, labelled posts, part ${part}" "${line#*: }" "$command"
    while read -r line; do
      figure "scorer, part ${part}, language ${line%%:*}" "${line#*: }" "$command"
    done < <(grep -oE "$part [a-z]{2}: precision .*" "$work/corpus.txt" | cut -d ' ' -f 2-)
  done
  command='cargo test --release --locked --test it hard:: -- --nocapture'
  $command >"$work/hard.txt" 2>&1 || { tail -n 20 "$work/hard.txt" >&2; fail 'hard'; }
  while read -r line; do
    figure "scorer, hard lines set aside, ${line%%:*}" "${line#*: }" "$command"
  done < <(grep -oE '^hard held .*: .*' "$work/hard.txt" | cut -d ' ' -f 3-)
}

measure_kills() {
  local command='cargo test --release --locked --test it kill:: -- --nocapture' line
  $command >"$work/kill.txt" 2>&1 || { tail -n 20 "$work/kill.txt" >&2; fail 'kill'; }
  line=$(grep -oE 'seed [0-9]+: [0-9]+ kills.*' "$work/kill.txt" | head -n 1)
  [ -n "$line" ] || fail 'the kill test says nothing'
  figure 'killed by signal 9' "$line" "$command"
}

count_lines() {
  local folder
  for folder in src tests; do
    figure "lines of Rust in $folder" "$(find "$folder" -name '*.rs' -exec cat {} + | wc -l)" \
      "find $folder -name '*.rs' -exec cat {} + \\| wc -l"
  done
}

measure_build
measure_demo
measure_memory
measure_scorer
measure_kills
count_lines

{
  printf '# Figures\n\nWritten by `bash tests/figures.sh`, never by hand; run it to have those of your machine.\n'
  printf 'These were measured on %s cores' "$(nproc)"
  commit=$(git rev-parse --short HEAD 2>/dev/null || true)
  [ -z "$commit" ] || printf ', at commit %s' "$commit"
  printf ', with %s.\n\n' "$(rustc --version | cut -d ' ' -f 1,2)"
  printf '"held" and "fresh" (many of them hard, half of other trades) are posts that the scorer'"'"'s rules were\n'
  printf 'not written with, "tune" those that they were, "dev" those that the models learnt from.\n'
  printf 'The posts were written for this project and labelled by it: they are no sample of the web. A language\n'
  printf 'with a dozen posts shows little. Copies of mails after a kill bear the Message-ID of the first.\n\n'
  printf '| figure | value | measured by |\n|---|---|---|\n'
  printf '%s\n' "${rows[@]}"
} >docs/figures.md
say 'docs/figures.md is written'
