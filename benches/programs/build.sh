#!/usr/bin/env bash
# Rebuilds the modules of this directory: rustc 1.95.0 with the target wasm32-wasip1 (`rustup target add wasm32-wasip1`).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# No path of this machine gets into a module.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=."

cargo build --quiet --locked --release --target wasm32-wasip1
for source in src/bin/*.rs; do
    name="$(basename "$source" .rs)"
    cp "$CARGO_TARGET_DIR/wasm32-wasip1/release/$name.wasm" .
    chmod a-x "$name.wasm" # linkers take it for a program
done
sha256sum -- *.wasm > SHA256SUMS
