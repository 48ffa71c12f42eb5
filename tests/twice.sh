#!/usr/bin/env bash
# The same sources, built twice in folders of different names, are the same program (S32), and no folder of the
# machine that built it is in it. Two builds from nothing, with the crates that are here.
#
#   bash tests/twice.sh
#
# To build a release that others can make again, set RUSTFLAGS as below.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/parts.sh

need_rust
work=$(mktemp -d "${TMPDIR:-/tmp}/escucha-twice.XXXXXX")
trap 'rm -rf "$work"' EXIT
cargo=${CARGO_HOME:-$HOME/.cargo}
for place in one another-and-longer; do
  mkdir -p "$work/$place"
  git archive HEAD | tar -x -C "$work/$place"
  say "== build in $place"
  (cd "$work/$place" &&
    RUSTFLAGS="--remap-path-prefix=$work/$place=escucha --remap-path-prefix=$cargo=cargo" \
      CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$work/$place/target" cargo build --release --locked --quiet)
  mv "$work/$place/target/release/escucha" "$work/$place.program"
  rm -rf "${work:?}/$place"
done
cmp "$work/one.program" "$work/another-and-longer.program" || die 'two builds are two programs'
for folder in "$work" "$cargo" "$HOME/"; do
  ! grep -qaF "$folder" "$work/one.program" || die "the program names $folder"
done
sha256sum "$work/one.program" | cut -d ' ' -f 1
figure S32 'builds of one tree that are the same to the byte' 2
