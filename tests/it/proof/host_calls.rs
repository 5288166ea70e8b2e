//! Every host function and every function of WASI, called with any arguments: no panic, no hang, and no access outside of the guest's memory
//! (which lies between pages that nobody may touch).

use super::host::host_setup;
use arbitrary::Unstructured;
use skillscope::host::wasi::{Preopen, WasiSetup};
use skillscope::host::{self, HostState};
use skillscope::module::{HOST_FUNCTIONS, LoadOptions, Type, ValidModule, WASI_FUNCTIONS, WASI_MODULE, load};
use skillscope::runtime::Compiler;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;
use wasmer::{Engine, Function, FunctionEnv, Instance, Module, Store, Value};

/// The guest's memory: one page.
const MEMORY: u32 = 65_536;

/// A module that offers all functions of the host to whoever calls it.
struct Caller {
    valid: ValidModule,
    engine: Engine,
    module: Module,
    directory: tempfile::TempDir,
}

fn caller() -> &'static Caller {
    static CALLER: OnceLock<Caller> = OnceLock::new();
    CALLER.get_or_init(|| {
        let valid = load("caller", text().into_bytes(), &LoadOptions::default()).unwrap_or_else(|refused| panic!("{refused}"));
        let engine = Compiler::Cranelift.engine();
        let module = Module::new(&engine, &valid.bytes).unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("file"), "content").unwrap();
        Caller { valid, engine, module, directory }
    })
}

fn text() -> String {
    let mut imports = String::new();
    let mut import = |module: &str, name: &str, parameters: &mut dyn Iterator<Item = Type>, result: Option<Type>| {
        let parameters: String = parameters.map(|parameter| format!(" {parameter}")).collect();
        let result = result.map_or_else(String::new, |result| format!("(result {result})"));
        writeln!(imports, "(func (export \"{module}.{name}\") (import \"{module}\" \"{name}\") (param{parameters}) {result})")
            .unwrap();
    };
    for row in HOST_FUNCTIONS {
        for module in row.modules {
            import(module, row.name, &mut row.parameters.iter().map(|(_, of_type)| *of_type), row.result);
        }
    }
    for (name, parameters, result) in WASI_FUNCTIONS {
        import(WASI_MODULE, name, &mut parameters.iter().copied(), *result);
    }
    format!(
        r#"(module {imports} (memory (export "memory") 1 1)
            (func (export "alloc") (param i32) (result i32) (i32.const 4096))
            (func (export "dealloc") (param i32 i32))
            (func (export "execute") (param i32) (result i32) (i32.const 0)))"#
    )
}

/// Fills memory and makes calls, all of it as the bytes say; how many calls returned.
pub fn calls(data: &[u8]) -> usize {
    let caller = caller();
    let mut bytes = Unstructured::new(data);
    let directories = vec![Preopen { host: caller.directory.path().to_owned(), guest: "/data".into(), writable: false }];
    let wasi = WasiSetup { arguments: vec!["caller".into()], directories, stdin: b"stdin".to_vec(), ..WasiSetup::default() };
    // What sleeps sleeps up to the deadline.
    let (setup, _events) = host_setup("caller", Duration::from_millis(20), wasi);
    let mut store = Store::new(caller.engine.clone());
    let env = FunctionEnv::new(&mut store, HostState::new(setup).unwrap());
    let imports = host::imports(&mut store, &env, &caller.valid);
    let instance = Instance::new(&mut store, &caller.module, &imports).unwrap();
    let exports = &instance.exports;
    let memory = exports.get_memory("memory").unwrap().clone();
    let allocator = skillscope::host::GuestAllocator {
        allocate: exports.get_function("alloc").unwrap().clone(),
        free: exports.get_function("dealloc").unwrap().clone(),
        free_takes_len: true,
    };
    let state = env.as_mut(&mut store);
    (state.memory, state.allocator) = (Some(memory.clone()), Some(allocator));
    for address in (0..2048_u64).step_by(4) {
        let word = u32::try_from(number(&mut bytes) & 0xffff_ffff).unwrap();
        memory.view(&store).write(address, &word.to_le_bytes()).unwrap();
        if bytes.is_empty() {
            break;
        }
    }
    memory.view(&store).write(3000, b"file\0key\0http://127.0.0.1/\0\xff").unwrap();
    let functions: Vec<Function> = exports.iter().functions().map(|(_, function)| function.clone()).collect();
    let mut bytes = Unstructured::new(data);
    let mut returned = 0;
    for _ in 0..8 {
        let Ok(which) = bytes.choose_index(functions.len()) else { break };
        let function = &functions[which];
        let arguments: Vec<Value> = function.ty(&store).params().iter().map(|of_type| argument(*of_type, &mut bytes)).collect();
        returned += usize::from(function.call(&mut store, &arguments).is_ok());
        assert_eq!(memory.view(&store).data_size(), u64::from(MEMORY));
    }
    returned
}

fn argument(of_type: wasmer::Type, bytes: &mut Unstructured<'_>) -> Value {
    let number = number(bytes);
    match of_type {
        wasmer::Type::I32 => Value::I32(u32::try_from(number & 0xffff_ffff).unwrap().cast_signed()),
        wasmer::Type::I64 => Value::I64(number.cast_signed()),
        wasmer::Type::F64 => Value::F64(f64::from_bits(number)),
        other => panic!("no host function takes a {other}"),
    }
}

/// A number that may be a small one, a pointer to something, one near the end of memory, or any.
fn number(bytes: &mut Unstructured<'_>) -> u64 {
    let small = u64::from(bytes.arbitrary::<u8>().unwrap_or(0));
    match bytes.arbitrary::<u8>().unwrap_or(0) % 8 {
        0 | 1 => small % 8,
        2 => small,
        3 => small * 8,
        4 => 3000 + small % 32,
        5 => u64::from(MEMORY) - small,
        6 => u64::from(u32::MAX) - small % 16,
        _ => bytes.arbitrary().unwrap_or(u64::MAX),
    }
}
