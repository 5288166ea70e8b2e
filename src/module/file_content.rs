//! What a file's bytes are, told by content: a binary module, a text module, or something else that has a name.

use super::fault::ModuleFault;

/// A file that may be a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Binary WebAssembly, core, version 1.
    Binary,
    /// Text that begins like a text module.
    Text,
}

/// The first bytes of every binary module.
const MAGIC: &[u8] = b"\0asm";
/// Magic and version.
const HEADER_BYTES: usize = 8;

/// Tells what the bytes are.
///
/// # Errors
/// Where they are no core module: empty, cut off in the header, of another version, a component, or of another format.
pub(super) fn recognize(bytes: &[u8]) -> Result<Content, ModuleFault> {
    if bytes.is_empty() {
        return Err(ModuleFault::Empty);
    }
    if bytes.starts_with(MAGIC) || (bytes.len() < MAGIC.len() && MAGIC.starts_with(bytes)) {
        return recognize_version(bytes);
    }
    if let Some(format) = foreign_format(bytes) {
        return Err(ModuleFault::NotWasm { looks_like: Some(format), starts_with: first_bytes(bytes) });
    }
    if is_text_module(bytes) {
        return Ok(Content::Text);
    }
    Err(ModuleFault::NotWasm { looks_like: None, starts_with: first_bytes(bytes) })
}

fn recognize_version(bytes: &[u8]) -> Result<Content, ModuleFault> {
    let Some(&[_, _, _, _, v0, v1, layer0, layer1]) = bytes.first_chunk::<HEADER_BYTES>() else {
        return Err(ModuleFault::Truncated { offset: bytes.len() as u64 });
    };
    match (u16::from_le_bytes([v0, v1]), u16::from_le_bytes([layer0, layer1])) {
        (1, 0) => Ok(Content::Binary),
        (version, 1) => Err(ModuleFault::Component { version: Some(version) }),
        _ => Err(ModuleFault::Version { version: u32::from_le_bytes([v0, v1, layer0, layer1]) }),
    }
}

fn first_bytes(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take(4).collect()
}

/// Whether the first thing after white space and comments is a parenthesis.
fn is_text_module(bytes: &[u8]) -> bool {
    after_blanks(bytes).first() == Some(&b'(')
}

/// What follows white space, a byte order mark, line comments and (nested) block comments.
pub(super) fn after_blanks(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(bytes);
    loop {
        rest = match rest {
            [b' ' | b'\t' | b'\r' | b'\n', tail @ ..] => tail,
            [b';', b';', tail @ ..] => {
                let line_end = tail.iter().position(|&byte| byte == b'\n').unwrap_or(tail.len());
                tail.get(line_end..).unwrap_or_default()
            }
            [b'(', b';', tail @ ..] => match after_block_comment(tail) {
                Some(tail) => tail,
                // A comment without end: the text parser has the words for it.
                None => return rest,
            },
            _ => return rest,
        };
    }
}

fn after_block_comment(mut rest: &[u8]) -> Option<&[u8]> {
    let mut depth = 1_usize;
    while depth > 0 {
        rest = match rest {
            [b'(', b';', tail @ ..] => {
                depth += 1;
                tail
            }
            [b';', b')', tail @ ..] => {
                depth -= 1;
                tail
            }
            [_, tail @ ..] => tail,
            [] => return None,
        };
    }
    Some(rest)
}

/// A format that is taken for a module by mistake: words for it, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignFormat {
    /// What the file is: `a gzip-compressed file`.
    pub words: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

const DECOMPRESS: &str = "decompress it first";
const FOR_THIS_MACHINE: &str = "it was built for a machine, not for WebAssembly: build with a wasm target \
    (Rust `--target wasm32-wasip1` or `wasm32-unknown-unknown`, C `clang --target=wasm32-wasip1`, Go `GOOS=wasip1 GOARCH=wasm`)";
const NAME_THE_MODULE: &str = "name the .wasm file that the build made beside it";
const LINK: &str = "link it into a module first (`wasm-ld`, or the last step of your build)";

/// Formats told by their first bytes.
const BY_MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\x1f\x8b", "a gzip-compressed file", DECOMPRESS),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file", DECOMPRESS),
    (b"\xfd7zXZ\0", "an xz-compressed file", DECOMPRESS),
    (b"BZh", "a bzip2-compressed file", DECOMPRESS),
    (b"PK\x03\x04", "a zip archive", "unpack it first, and name the .wasm file in it"),
    (b"\x7fELF", "an ELF binary", FOR_THIS_MACHINE),
    (b"MZ", "a Windows executable", FOR_THIS_MACHINE),
    (b"\xfe\xed\xfa\xce", "a Mach-O binary", FOR_THIS_MACHINE),
    (b"\xfe\xed\xfa\xcf", "a Mach-O binary", FOR_THIS_MACHINE),
    (b"\xce\xfa\xed\xfe", "a Mach-O binary", FOR_THIS_MACHINE),
    (b"\xcf\xfa\xed\xfe", "a Mach-O binary", FOR_THIS_MACHINE),
    (b"!<arch>\n", "a static library", LINK),
    (b"BC\xc0\xde", "LLVM bitcode", LINK),
    (b"\xff\xfe", "text in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as UTF-8"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a pointer of Git LFS, not the file that it stands for",
        "fetch the file itself: `git lfs pull`",
    ),
    (b"#!", "a script", NAME_THE_MODULE),
    (b"AGFzb", "a module in base64", "decode it first: `base64 -d`"),
];

/// Formats told by the first word of their text, in lower case.
const BY_FIRST_WORD: &[(&[u8], &str, &str)] = &[
    (b"<!doctype html", "an HTML page", "a download may have given an error page: look at the file, and fetch it again"),
    (b"<html", "an HTML page", "a download may have given an error page: look at the file, and fetch it again"),
    (b"<?xml", "an XML document", NAME_THE_MODULE),
    (b"{", "a JSON document", NAME_THE_MODULE),
    (b"[", "a JSON or TOML document", NAME_THE_MODULE),
    (b"//", "source code or JavaScript", NAME_THE_MODULE),
    (b"/*", "source code or JavaScript", NAME_THE_MODULE),
    (b"\"use strict\"", "JavaScript", NAME_THE_MODULE),
    (b"'use strict'", "JavaScript", NAME_THE_MODULE),
    (b"import ", "source code, of JavaScript or another language", NAME_THE_MODULE),
    (b"import{", "JavaScript", NAME_THE_MODULE),
    (b"export ", "JavaScript", NAME_THE_MODULE),
    (b"var ", "JavaScript", NAME_THE_MODULE),
    (b"let ", "JavaScript", NAME_THE_MODULE),
    (b"const ", "JavaScript", NAME_THE_MODULE),
    (b"function", "JavaScript", NAME_THE_MODULE),
    (b"async ", "JavaScript", NAME_THE_MODULE),
    (b"(function", "JavaScript", NAME_THE_MODULE),
    (b"(()=>", "JavaScript", NAME_THE_MODULE),
    (b"(() =>", "JavaScript", NAME_THE_MODULE),
    (b"(async", "JavaScript", NAME_THE_MODULE),
    (b"package ", "Go source", "build it, and name the .wasm file that the build makes"),
    (b"#include", "C source", "build it, and name the .wasm file that the build makes"),
    (b"fn ", "Rust source", "build it, and name the .wasm file that the build makes"),
    (b"use ", "Rust source", "build it, and name the .wasm file that the build makes"),
];

fn foreign_format(bytes: &[u8]) -> Option<ForeignFormat> {
    if let Some(&(_, words, hint)) = BY_MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Some(ForeignFormat { words, hint });
    }
    if let Some(&[0xca, 0xfe, 0xba, 0xbe, a, b, c, d]) = bytes.first_chunk::<8>() {
        // Both begin alike; what follows is a small count of architectures, or the version of a class file (45 and up).
        let words =
            if u32::from_be_bytes([a, b, c, d]) < 40 { "a Mach-O binary for several machines" } else { "a Java class file" };
        return Some(ForeignFormat { words, hint: FOR_THIS_MACHINE });
    }
    if bytes.iter().all(|&byte| byte == 0) {
        return Some(ForeignFormat {
            words: "a file of zero bytes only",
            hint: "the disk was full or a copy broke off: build it again",
        });
    }
    let start = after_blanks(bytes).get(..16).unwrap_or_else(|| after_blanks(bytes)).to_ascii_lowercase();
    let &(_, words, hint) = BY_FIRST_WORD.iter().find(|(word, ..)| start.starts_with(word))?;
    Some(ForeignFormat { words, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_binary_from_text() {
        assert_eq!(recognize(b"\0asm\x01\0\0\0"), Ok(Content::Binary));
        for text in ["(module)", " \n\t(func)", ";; a comment\n(module)", "(; a (; nested ;) one ;) (module)", "\u{feff}(module)"]
        {
            assert_eq!(recognize(text.as_bytes()), Ok(Content::Text), "{text}");
        }
    }

    #[test]
    fn a_comment_without_end_is_left_to_the_text_parser() {
        assert_eq!(recognize(b"(; (module)"), Ok(Content::Text));
        assert_eq!(recognize(b"(;;;"), Ok(Content::Text));
    }

    #[test]
    fn a_header_that_is_cut_off_says_where() {
        assert_eq!(recognize(b"\0as"), Err(ModuleFault::Truncated { offset: 3 }));
        assert_eq!(recognize(b"\0asm\x01\0"), Err(ModuleFault::Truncated { offset: 6 }));
    }

    #[test]
    fn a_component_is_told_from_a_bad_version() {
        assert_eq!(recognize(b"\0asm\x0d\0\x01\0"), Err(ModuleFault::Component { version: Some(13) }));
        assert_eq!(recognize(b"\0asm\x02\0\0\0"), Err(ModuleFault::Version { version: 2 }));
        assert_eq!(recognize(b"\0asm\x01\0\x02\0"), Err(ModuleFault::Version { version: 0x2_0001 }));
    }

    #[test]
    fn common_formats_are_named() {
        for (bytes, words) in [
            (b"\x1f\x8b\x08\0".as_slice(), "a gzip-compressed file"),
            (b"\x7fELF\x02", "an ELF binary"),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", "a Mach-O binary for several machines"),
            (b"\xca\xfe\xba\xbe\0\0\0\x41", "a Java class file"),
            (b"PK\x03\x04", "a zip archive"),
            (b"\n<!DOCTYPE html><html>", "an HTML page"),
            (b"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS, not the file that it stands for"),
            (b"import init from './x.js'", "source code, of JavaScript or another language"),
            (b"(function() {})", "JavaScript"),
            (b"{\"a\": 1}", "a JSON document"),
            (b"\0\0\0\0\0\0", "a file of zero bytes only"),
            (b"AGFzbQEAAAA=", "a module in base64"),
        ] {
            match recognize(bytes) {
                Err(ModuleFault::NotWasm { looks_like: Some(format), .. }) => assert_eq!(format.words, words),
                other => panic!("{words}: {other:?}"),
            }
        }
    }
}
