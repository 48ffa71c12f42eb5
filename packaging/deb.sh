#!/usr/bin/env bash
# Makes the Debian package from the built program, and prints its path.
#
#   bash packaging/deb.sh [FOLDER]        FOLDER: where it is put; else target/debian
#
# DEB_VERSION names another version than that of Cargo.toml; DEB_FAST packs quickly instead of small. Needs cargo-deb: cargo install cargo-deb --locked
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
to=${1:-$target/debian}

cargo build --release --locked --bin escucha
mkdir -p "$target/completions" "$to"
"$target/release/escucha" completions bash >"$target/completions/escucha"
"$target/release/escucha" completions zsh >"$target/completions/_escucha"
"$target/release/escucha" completions fish >"$target/completions/escucha.fish"
cargo deb --no-build --locked --quiet --output "$to/" \
  ${DEB_VERSION:+--deb-version "$DEB_VERSION"} ${DEB_FAST:+--fast}
