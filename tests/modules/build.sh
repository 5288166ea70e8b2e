#!/usr/bin/env bash
# Rebuilds the modules of this directory, or those that are named: ./build.sh [NAME]...
# README.md tells the tools and their versions. A module whose tool is missing is passed over with a message.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

GO="${GO:-go}"
ZIG="${ZIG:-zig}"
ASC="${ASC:-asc}"
EMCC="${EMCC:-emcc}"
EMXX="${EMXX:-em++}"
EMSCRIPTEN_TESTS="${EMSCRIPTEN_TESTS:-/usr/share/emscripten/tests}"

skipped=0
wanted=("$@")
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

module() { # NAME TOOL...: whether to build it, and whether its tools are there
    local name="$1" known
    shift
    if [ "${#wanted[@]}" -gt 0 ]; then
        for known in "${wanted[@]}"; do [ "$known" = "$name" ] && break; known=; done
        [ -n "$known" ] || return 1
    fi
    local tool
    for tool in "$@"; do
        if ! command -v "${tool%% *}" > /dev/null; then
            echo "$name: not built: there is no $tool" >&2
            skipped=1
            return 1
        fi
    done
    echo "$name"
}

# No path of this machine gets into a module.
export CARGO_TARGET_DIR="$PWD/target"
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=."

rust() { # NAME TARGET
    cargo build --quiet --locked --release --target "$2" --package "$1"
    local file="target/$2/release/$1.wasm"
    [ -f "$file" ] || file="target/$2/release/${1//-/_}.wasm"
    cp "$file" "$1/$1.wasm"
}

crate_sources() { # CRATE: the directory of its source
    cargo metadata --locked --format-version 1 |
        python3 -c 'import json, os, sys; print(next(os.path.dirname(p["manifest_path"]) for p in json.load(sys.stdin)["packages"] if p["name"] == sys.argv[1]))' "$1"
}

wasi_clang="clang --target=wasm32-wasi -Os -Wno-everything -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/cargo -Wl,--strip-all"

if module markdown cargo; then rust markdown wasm32-unknown-unknown; fi
if module regex-search cargo; then rust regex-search wasm32-wasip1; fi
if module rust-hello cargo; then rust rust-hello wasm32-wasip1; fi
if module bindgen-greet cargo; then rust bindgen-greet wasm32-unknown-unknown; fi

if module sqlite cargo clang wasm-ld; then
    source="$(crate_sources libsqlite3-sys)/sqlite3"
    $wasi_clang -mexec-model=reactor -I"$source" \
        -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_OMIT_DEPRECATED -DSQLITE_MAX_MMAP_SIZE=0 \
        -DSQLITE_TEMP_STORE=3 -DLONGDOUBLE_TYPE=double -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_MMAN -lwasi-emulated-getpid \
        -o sqlite/sqlite.wasm sqlite/sqlite-skill.c "$source/sqlite3.c"
fi
if module zlib-pack cargo clang wasm-ld; then
    source="$(crate_sources libz-sys)/src/zlib"
    $wasi_clang -mexec-model=reactor -I"$source" -o zlib-pack/zlib-pack.wasm zlib-pack/zlib-pack.c \
        "$source"/{adler32,compress,crc32,deflate,inffast,inflate,inftrees,trees,uncompr,zutil}.c
fi
if module quickjs cargo clang wasm-ld; then
    source="$(crate_sources rquickjs-sys)/quickjs"
    $wasi_clang -Wl,-z,stack-size=1048576 -D_GNU_SOURCE -D_WASI_EMULATED_SIGNAL -lwasi-emulated-signal -I"$source" -o quickjs/quickjs.wasm quickjs/quickjs-command.c \
        "$source"/{cutils,libbf,libregexp,libunicode,quickjs}.c
fi
if module cpp-map clang++ wasm-ld; then
    clang++ --target=wasm32-wasi -std=c++17 -Os -fno-exceptions -Wl,--strip-all -o cpp-map/cpp-map.wasm cpp-map/cpp-map.cpp
fi
if module as-skill "$ASC"; then
    (cd as-skill && $ASC assembly/index.ts --outFile as-skill.wasm --optimize)
fi
if module zig-hello "$ZIG"; then
    mkdir "$work/zig-hello"
    (cd "$work/zig-hello" && $ZIG init > /dev/null 2>&1 && $ZIG build -Dtarget=wasm32-wasi -Doptimize=ReleaseSmall)
    mkdir -p zig-hello
    cp "$work"/zig-hello/zig-out/bin/*.wasm zig-hello/zig-hello.wasm
fi
if module zig-skill "$ZIG"; then
    (cd "$work" && $ZIG build-exe "$OLDPWD/zig-skill/zig-skill.zig" -target wasm32-freestanding -fno-entry -rdynamic -OReleaseSmall)
    cp "$work/zig-skill.wasm" zig-skill/zig-skill.wasm
fi
if module go-words "$GO"; then
    (cd go-words && GOOS=wasip1 GOARCH=wasm GOFLAGS=-trimpath CGO_ENABLED=0 $GO build -ldflags='-s -w' -o go-words.wasm .)
fi
if module em-hello "$EMCC"; then
    $EMCC -O2 -sSTANDALONE_WASM -o em-hello/em-hello.wasm "$EMSCRIPTEN_TESTS/hello_world.c"
fi
if module em-skill "$EMXX"; then
    $EMXX -O2 -fno-exceptions -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH --no-entry -o em-skill/em-skill.wasm em-skill/em-skill.cpp
fi
if module em-setjmp "$EMCC"; then
    $EMCC -O2 -sSTANDALONE_WASM -sERROR_ON_UNDEFINED_SYMBOLS=0 -o em-setjmp/em-setjmp.wasm em-setjmp/em-setjmp.c
fi

chmod a-x -- */*.wasm # linkers take them for programs
sha256sum -- */*.wasm > SHA256SUMS
exit "$skipped"
