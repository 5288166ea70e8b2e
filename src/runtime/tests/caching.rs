//! Compiled modules that are found again.

use super::{d04, module, run, trial};
use crate::event::CacheUse;
use crate::host::RunControl;
use crate::runtime::{CompileError, Compiled, Compiler, Runtime, RuntimeConfig, clear_cache};
use std::path::Path;
use std::time::Duration;

fn runtime_at(directory: &Path) -> Runtime {
    Runtime::new(RuntimeConfig { cache_dir: Some(directory.to_owned()), ..RuntimeConfig::default() })
}

fn compile(runtime: &Runtime, wat: &str, compiler: Compiler) -> Result<Compiled, CompileError> {
    runtime.compile(&module(wat), compiler, &RunControl::new(Duration::from_secs(30)))
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect()
}

const START: &str = "(func $begin) (start $begin)";

#[test]
fn a_module_is_compiled_once_then_loaded_then_held() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("modules");
    let wat = d04("(local.get $input)", START);
    for compiler in Compiler::ALL {
        let first = runtime_at(&directory);
        let uses: Vec<_> = (0..2).map(|_| compile(&first, &wat, compiler).unwrap().cache).collect();
        assert_eq!(uses, [CacheUse::Miss, CacheUse::Memory]);
        let second = runtime_at(&directory);
        let ran = trial(&wat).compiler(compiler).input("[5]").run_in(&second);
        assert_eq!((ran.output().as_str(), ran.finished.usage.cache), ("[5]", Some(CacheUse::Disk)));
        assert_eq!(ran.finished.usage.fuel, run(&wat).finished.usage.fuel, "loaded code counts as compiled code does");
    }
    assert_eq!(files(&directory).len(), 2);
    assert_eq!(clear_cache(&directory).unwrap(), 2);
    assert_eq!(compile(&runtime_at(&directory), &wat, Compiler::Singlepass).unwrap().cache, CacheUse::Miss);
}

#[test]
fn traps_of_loaded_code_have_frames_too() {
    let home = tempfile::tempdir().unwrap();
    let wat = d04("(call $broken) (i32.const 0)", &format!("{START} (func $broken unreachable)"));
    for compiler in Compiler::ALL {
        compile(&runtime_at(home.path()), &wat, compiler).unwrap();
        let ran = trial(&wat).compiler(compiler).run_in(&runtime_at(home.path()));
        assert_eq!(ran.finished.usage.cache, Some(CacheUse::Disk));
        assert_eq!(ran.finished.error.unwrap().backtrace[0].function.as_deref(), Some("broken"));
    }
}

#[test]
fn a_damaged_file_is_compiled_afresh_and_replaced() {
    let home = tempfile::tempdir().unwrap();
    let wat = d04("(local.get $input)", "");
    compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap();
    let file = files(home.path()).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for damage in [0, 20, 50, 84, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[damage] ^= 1;
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap().cache, CacheUse::Miss, "byte {damage}");
        assert_eq!(compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap().cache, CacheUse::Disk);
    }
    std::fs::write(&file, "").unwrap();
    assert_eq!(compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap().cache, CacheUse::Miss);
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_may_write_is_told_and_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let wat = d04("(local.get $input)", "");
    compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let compiled = compile(&runtime_at(home.path()), &wat, Compiler::Singlepass).unwrap();
    assert_eq!((compiled.cache, compiled.notices.len()), (CacheUse::Miss, 1));
    assert!(compiled.notices[0].contains("others may write"), "{:?}", compiled.notices);
}

#[test]
fn a_cache_that_cannot_be_written_is_told_and_nothing_more() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let compiled = compile(&runtime_at(&file.join("modules")), &d04("(local.get $input)", ""), Compiler::Singlepass).unwrap();
    assert_eq!((compiled.cache, compiled.notices.len()), (CacheUse::Miss, 1));
}

#[test]
fn vectors_are_compiled_by_cranelift_whoever_is_asked() {
    let wat = d04("(drop (i32x4.splat (i32.const 1))) (local.get $input)", "");
    let compiled = compile(&super::runtime(), &wat, Compiler::Singlepass).unwrap();
    assert_eq!(compiled.compiler, Compiler::Cranelift);
    assert_eq!(trial(&wat).compiler(Compiler::Singlepass).run().word(), "ok");
}
