#!/usr/bin/env bash
# Rebuilds the modules of all sample skills, or of those that are named: ./build.sh [SKILL]...
#
# It installs nothing. It needs
#   - cargo with the targets wasm32-unknown-unknown and wasm32-wasip1   (rustup target add TARGET)
#   - clang and wasm-ld                                                 (Debian: apt-get install clang lld)
# and passes over what it has no tool for. The skills in text form (.wat) need no build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

skipped=0
wanted=("$@")

is_wanted() {
    [ "${#wanted[@]}" -eq 0 ] && return 0
    local name
    for name in "${wanted[@]}"; do
        [ "$name" = "$1" ] && return 0
    done
    return 1
}

skip() {
    echo "$1: not built: $2" >&2
    skipped=1
}

built() {
    echo "$1: $(wc -c < "$1/$1.wasm") bytes"
}

has_rust_target() {
    command -v cargo > /dev/null && [ -d "$(rustc --print sysroot)/lib/rustlib/$1" ]
}

# No path of this machine gets into a module.
export CARGO_TARGET_DIR="$PWD/target"
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=."

rust_skill() { # NAME TARGET PROFILE
    is_wanted "$1" || return 0
    if ! has_rust_target "$2"; then
        skip "$1" "rust has no target $2 here (rustup target add $2)"
        return 0
    fi
    cargo build --quiet --locked --profile "$3" --target "$2" --package "$1"
    local file="target/$2/$3/$1.wasm"
    [ -f "$file" ] || file="target/$2/$3/${1//-/_}.wasm"
    cp "$file" "$1/$1.wasm"
    built "$1"
}

c_skill() { # NAME
    is_wanted "$1" || return 0
    if ! command -v clang > /dev/null || ! command -v wasm-ld > /dev/null; then
        skip "$1" "clang or wasm-ld is missing (Debian: apt-get install clang lld)"
        return 0
    fi
    clang --target=wasm32 -std=c11 -Wall -Wextra -Os -nostdlib -fvisibility=hidden \
        -Wl,--no-entry -Wl,-z,stack-size=16384 -o "$1/$1.wasm" "$1/$1.c"
    chmod a-x "$1/$1.wasm" # the linker takes it for a program
    built "$1"
}

rust_skill summarize wasm32-unknown-unknown release
rust_skill page-title wasm32-unknown-unknown release
rust_skill panics wasm32-unknown-unknown named
rust_skill mood wasm32-unknown-unknown release
rust_skill test-wasm-skill wasm32-unknown-unknown release
rust_skill fill-template wasm32-wasip1 release
c_skill word-count
exit "$skipped"
