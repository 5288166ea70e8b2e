//! Modules that passed their checks, so that the next run of the same skill need not check the same bytes again.

use crate::module::{self, LoadOptions, ModuleError, ValidModule};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most bytes of modules that are held.
const MAX_BYTES: usize = 64 << 20;

/// The modules used last. What is held is compared byte by byte, so that a file that changed is always checked anew.
#[derive(Debug, Default)]
pub struct CheckedModules {
    /// The one used last is at the back.
    held: Mutex<VecDeque<Checked>>,
}

#[derive(Debug)]
struct Checked {
    options: LoadOptions,
    /// The file, where it is not the binary module itself.
    text: Option<Vec<u8>>,
    module: Arc<ValidModule>,
}

impl Checked {
    fn file(&self) -> &[u8] {
        self.text.as_deref().unwrap_or(&self.module.bytes)
    }

    fn size(&self) -> usize {
        self.module.bytes.len() + self.text.as_ref().map_or(0, Vec::len)
    }
}

impl CheckedModules {
    /// The module of a file with this content: known already, or checked now. `file` is the name that messages give the file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn load(&self, file: &str, bytes: Vec<u8>, options: &LoadOptions) -> Result<Arc<ValidModule>, ModuleError> {
        if let Some(module) = self.known(&bytes, options) {
            return Ok(module);
        }
        let text = (!bytes.starts_with(b"\0asm")).then(|| bytes.clone());
        let module = Arc::new(module::load(file, bytes, options)?);
        self.hold(Checked { options: options.clone(), text, module: Arc::clone(&module) });
        Ok(module)
    }

    fn known(&self, bytes: &[u8], options: &LoadOptions) -> Option<Arc<ValidModule>> {
        let mut held = self.lock();
        let at = held.iter().position(|checked| checked.file() == bytes && checked.options == *options)?;
        let used = held.remove(at)?;
        let module = Arc::clone(&used.module);
        held.push_back(used);
        Some(module)
    }

    fn hold(&self, checked: Checked) {
        let mut held = self.lock();
        held.push_back(checked);
        let mut bytes: usize = held.iter().map(Checked::size).sum();
        while bytes > MAX_BYTES
            && let Some(dropped) = held.pop_front()
        {
            bytes = bytes.saturating_sub(dropped.size());
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Checked>> {
        // A panic while it was locked cannot leave a half inserted entry behind.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"(module (memory (export "memory") 2) (func (export "_start")))"#;

    fn load(modules: &CheckedModules, text: &str, options: &LoadOptions) -> Result<Arc<ValidModule>, ModuleError> {
        modules.load("test.wat", text.as_bytes().to_vec(), options)
    }

    #[test]
    fn the_same_file_is_checked_once_and_another_one_again() {
        let (modules, options) = (CheckedModules::default(), LoadOptions::default());
        let first = load(&modules, TEXT, &options).unwrap();
        assert!(Arc::ptr_eq(&first, &load(&modules, TEXT, &options).unwrap()));
        let binary = modules.load("test.wasm", first.bytes.to_vec(), &options).unwrap();
        assert!(Arc::ptr_eq(&binary, &modules.load("test.wasm", first.bytes.to_vec(), &options).unwrap()));
        assert!(!Arc::ptr_eq(&first, &load(&modules, &TEXT.replace('2', "3"), &options).unwrap()));
    }

    #[test]
    fn what_passed_under_one_limit_is_held_against_another() {
        let (modules, options) = (CheckedModules::default(), LoadOptions::default());
        load(&modules, TEXT, &options).unwrap();
        assert!(load(&modules, TEXT, &LoadOptions { memory_limit_bytes: 65_536, ..options.clone() }).is_err());
        assert!(load(&modules, TEXT, &options).is_ok(), "and the other way round");
        assert!(load(&modules, "(module", &options).is_err());
    }

    #[test]
    fn the_longest_unused_modules_make_room() {
        let (modules, options) = (CheckedModules::default(), LoadOptions::default());
        let first = load(&modules, TEXT, &options).unwrap();
        let large = Checked { options: options.clone(), text: Some(vec![0; MAX_BYTES]), module: Arc::clone(&first) };
        modules.hold(large);
        assert!(!Arc::ptr_eq(&first, &load(&modules, TEXT, &options).unwrap()));
    }
}
