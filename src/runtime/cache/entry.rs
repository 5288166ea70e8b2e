//! A cached module as a file: a header that names its key and digest, the names of the added exports, the native code.

use super::key::Key;
use crate::runtime::instrument::FunctionCounters;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// Begins each file; its number is the version of this layout.
const MAGIC: &[u8; 16] = b"skillscope code1";
/// More than any names take.
const MAX_NAMES_BYTES: u32 = 1 << 20;

/// The exports that instrumentation added to a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::runtime) struct AddedExports {
    /// The fuel counter.
    pub(in crate::runtime) fuel: String,
    /// The start function, where the module has one.
    pub(in crate::runtime) start: Option<String>,
    /// The functions' counters, where it is a profiled build.
    pub(in crate::runtime) counters: Option<FunctionCounters>,
}

/// A compiled module as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::runtime) struct Entry {
    /// The exports that were added.
    pub(in crate::runtime) exports: AddedExports,
    /// The engine's own form of its native code.
    pub(in crate::runtime) code: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    /// It cannot be read, or is too short.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It does not begin as such a file does, or is of another module.
    #[error("it is not the file of this module")]
    OtherFile,
    /// Its content is not what was written.
    #[error("its checksum differs")]
    Checksum,
}

impl Entry {
    /// Writes the file of `key`.
    pub(super) fn write(&self, key: &Key, out: &mut impl Write) -> std::io::Result<()> {
        let names = serde_json::to_vec(&self.exports)?;
        let names_len = u32::try_from(names.len()).map_err(std::io::Error::other)?;
        out.write_all(MAGIC)?;
        out.write_all(key.bytes())?;
        out.write_all(&checksum(&names, &self.code))?;
        out.write_all(&names_len.to_le_bytes())?;
        out.write_all(&names)?;
        out.write_all(&self.code)
    }

    /// Reads the file of `key`, which is `length` bytes long, and verifies it.
    pub(super) fn read(key: &Key, length: u64, file: &mut impl Read) -> Result<Self, Damage> {
        if read_array::<16>(file)? != *MAGIC || read_array::<32>(file)? != *key.bytes() {
            return Err(Damage::OtherFile);
        }
        let expected = read_array::<32>(file)?;
        let names_len = u32::from_le_bytes(read_array(file)?);
        if names_len > MAX_NAMES_BYTES {
            return Err(Damage::Checksum);
        }
        let mut names = Vec::new();
        file.take(u64::from(names_len)).read_to_end(&mut names)?;
        // The engine wants its bytes aligned as an allocation of their own is.
        let mut code = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.read_to_end(&mut code)?;
        if checksum(&names, &code) != expected {
            return Err(Damage::Checksum);
        }
        let exports = serde_json::from_slice(&names).map_err(|_| Damage::Checksum)?;
        Ok(Self { exports, code })
    }
}

fn checksum(names: &[u8], code: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(u64::try_from(names.len()).unwrap_or(u64::MAX).to_le_bytes());
    digest.update(names);
    digest.update(code);
    digest.finalize().into()
}

fn read_array<const N: usize>(file: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::prepared::Build;

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let key = Key::new(&[7; 32], Build::Normal, "compiler");
        let exports = AddedExports { fuel: "fuel".into(), start: Some("start".into()), counters: None };
        let entry = Entry { exports, code: (0..50).collect() };
        let mut file = Vec::new();
        entry.write(&key, &mut file).unwrap();
        let read = |bytes: &[u8], key: &Key| Entry::read(key, u64::try_from(bytes.len()).unwrap(), &mut &bytes[..]);
        assert_eq!(read(&file, &key).unwrap(), entry);
        assert!(read(&file, &Key::new(&[8; 32], Build::Normal, "compiler")).is_err());
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            assert!(read(&damaged, &key).is_err(), "byte {at}");
            assert!(read(&file[..at], &key).is_err(), "cut at {at}");
        }
    }
}
