//! A module's imports against what the host offers: all that cannot be served, at once.

use super::fault::ModuleFault;
use super::signature::{
    function_type, function_words, global_words, has_type, import_name, memory_words, signature, table_words,
};
use super::toolchains::toolchain_hint;
use super::validation::Declarations;
use super::wasi_functions::{WASI_FUNCTIONS, WASI_MODULE, find_wasi_function};
use super::{HOST_FUNCTIONS, HostFunction, ImportKind, ImportedFunction, Type, find_host_function};
use wasmparser::types::TypesRef;
use wasmparser::{FuncType, Import, MemoryType, TypeRef};

/// The most faults that a message lists.
const MAX_LISTED: usize = 200;
/// How alike two names must be, from 0 to 1, for one to be offered in place of the other.
const LIKENESS: f64 = 0.7;

/// An import that cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// Module and name, as messages show them.
    pub import: String,
    /// Its kind and type: `function (i32) -> i32`.
    pub item: String,
    /// What is wrong with it.
    pub problem: ImportProblem,
    /// What to do about it: words on the toolchain that is known to produce such imports.
    pub hint: Option<&'static str>,
}

/// What is wrong with an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportProblem {
    /// Nothing of that name is offered.
    Unknown {
        /// The nearest name that is.
        nearest: Option<String>,
    },
    /// It is offered with another type, in words.
    WrongType {
        /// The type that is offered.
        expected: String,
    },
    /// It belongs to WASI, which is switched off.
    WasiOff,
}

/// The imports of a module that can be served.
pub(super) struct Served {
    /// Its functions, in order.
    pub functions: Vec<ImportedFunction>,
    /// Its memory, `env.memory`.
    pub memory: Option<MemoryType>,
}

/// Checks every import.
///
/// # Errors
/// All imports that cannot be served.
pub(super) fn check_imports(declarations: &Declarations<'_>, wasi_enabled: bool) -> Result<Served, ModuleFault> {
    let types = declarations.types();
    let mut served = Served { functions: Vec::new(), memory: None };
    let mut faults = Faults::default();
    for import in &declarations.imports {
        match check(import, &types, wasi_enabled) {
            Ok(Item::Memory(memory)) => served.memory = Some(memory),
            Ok(Item::Function(kind)) => {
                served.functions.push(ImportedFunction { module: import.module.to_owned(), name: import.name.to_owned(), kind });
            }
            Err(problem) => faults.add(import, &types, problem),
        }
    }
    if faults.0.is_empty() { Ok(served) } else { Err(ModuleFault::Imports(faults.0)) }
}

enum Item {
    Memory(MemoryType),
    Function(ImportKind),
}

enum Problem {
    Unknown,
    WrongType(String),
    WasiOff,
}

fn check(import: &Import<'_>, types: &TypesRef<'_>, wasi_enabled: bool) -> Result<Item, Problem> {
    if (import.module, import.name) == ("env", "memory") {
        return match import.ty {
            TypeRef::Memory(memory) => Ok(Item::Memory(memory)),
            _ => Err(Problem::WrongType("memory".to_owned())),
        };
    }
    let found = match import.ty {
        TypeRef::Func(index) | TypeRef::FuncExact(index) => function_type(types, index),
        TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => None,
    };
    if import.module == WASI_MODULE {
        return check_wasi(import, found, wasi_enabled);
    }
    let row = find_host_function(import.module, import.name).ok_or(Problem::Unknown)?;
    let parameters = || row.parameters.iter().map(|&(_, ty)| ty);
    if found.is_some_and(|found| has_type(found, parameters(), row.result.as_slice())) {
        return Ok(Item::Function(ImportKind::Host(row.id)));
    }
    Err(Problem::WrongType(expected_words(&parameters().collect::<Vec<_>>(), row.result)))
}

fn check_wasi(import: &Import<'_>, found: Option<&FuncType>, wasi_enabled: bool) -> Result<Item, Problem> {
    if !wasi_enabled {
        return Err(Problem::WasiOff);
    }
    let (parameters, result) = find_wasi_function(import.name).ok_or(Problem::Unknown)?;
    if found.is_some_and(|found| has_type(found, parameters.iter().copied(), result.as_slice())) {
        return Ok(Item::Function(ImportKind::Wasi));
    }
    Err(Problem::WrongType(expected_words(parameters, result)))
}

fn expected_words(parameters: &[Type], result: Option<Type>) -> String {
    format!("function {}", signature(parameters, result.as_slice()))
}

#[derive(Default)]
struct Faults(Vec<ImportFault>);

impl Faults {
    fn add(&mut self, import: &Import<'_>, types: &TypesRef<'_>, problem: Problem) {
        let listed = self.0.len() < MAX_LISTED;
        let problem = match problem {
            // Looking for a name costs more than all the rest: only where it is shown.
            Problem::Unknown => ImportProblem::Unknown { nearest: listed.then(|| nearest(import.module, import.name)).flatten() },
            Problem::WrongType(expected) => ImportProblem::WrongType { expected },
            Problem::WasiOff => ImportProblem::WasiOff,
        };
        let hint = match &problem {
            ImportProblem::Unknown { nearest } => toolchain_hint(import.module, import.name, &import.ty, nearest.is_some()),
            ImportProblem::WrongType { .. } | ImportProblem::WasiOff => None,
        };
        self.0.push(ImportFault {
            import: import_name(import.module, import.name),
            item: item_words(import, types),
            problem,
            hint,
        });
    }
}

fn item_words(import: &Import<'_>, types: &TypesRef<'_>) -> String {
    match import.ty {
        TypeRef::Func(index) | TypeRef::FuncExact(index) => function_words(function_type(types, index)),
        TypeRef::Global(global) => global_words(global),
        TypeRef::Table(table) => table_words(table),
        TypeRef::Memory(memory) => memory_words(memory),
        TypeRef::Tag(_) => "tag".to_owned(),
    }
}

/// The known import that is named most alike; the same name in another module comes first.
fn nearest(module: &str, name: &str) -> Option<String> {
    // A name this long is no slip of the pen, and comparing costs its square.
    if name.len() > 64 || module.len() > 64 {
        return None;
    }
    let host = HOST_FUNCTIONS.iter().flat_map(|row: &HostFunction| row.modules.iter().map(|module| (*module, row.name)));
    let wasi = WASI_FUNCTIONS.iter().map(|(name, ..)| (WASI_MODULE, *name));
    let likeness = |(known_module, known): (&str, &str)| {
        let names = strsim::normalized_damerau_levenshtein(&name.to_ascii_lowercase(), known);
        // The module only decides between names that are alike.
        (names >= LIKENESS).then(|| names + 0.01 * strsim::normalized_damerau_levenshtein(module, known_module))
    };
    host.chain(wasi)
        .chain([("env", "memory")])
        .filter_map(|known| likeness(known).map(|likeness| (likeness, known)))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, (module, name))| format!("{module}.{name}"))
}

/// The word for scripts: the worst of the problems.
pub(super) fn kind(faults: &[ImportFault]) -> &'static str {
    let any = |wanted: fn(&ImportProblem) -> bool| faults.iter().any(|fault| wanted(&fault.problem));
    if any(|problem| matches!(problem, ImportProblem::Unknown { .. })) {
        "unknown-imports"
    } else if any(|problem| matches!(problem, ImportProblem::WrongType { .. })) {
        "import-type"
    } else {
        "wasi-off"
    }
}

/// The faults, a line each.
pub(super) fn message(faults: &[ImportFault]) -> String {
    let title = match faults.len() {
        1 => "an import cannot be served:".to_owned(),
        count => format!("{count} imports cannot be served:"),
    };
    let mut lines = vec![title];
    lines.extend(faults.iter().take(MAX_LISTED).map(line));
    if faults.len() > MAX_LISTED {
        lines.push(format!("  … and {} more", faults.len() - MAX_LISTED));
    }
    lines.join("\n")
}

fn line(fault: &ImportFault) -> String {
    let ImportFault { import, item, .. } = fault;
    match &fault.problem {
        ImportProblem::Unknown { nearest: Some(nearest) } => {
            format!("  {import}, {item}: unknown; the nearest known name is {nearest}")
        }
        ImportProblem::Unknown { nearest: None } => format!("  {import}, {item}: unknown"),
        ImportProblem::WrongType { expected } => format!("  {import}, {item}: wrong type; expected {expected}"),
        ImportProblem::WasiOff => format!("  {import}, {item}: WASI is switched off"),
    }
}

/// What to do, each hint once.
pub(super) fn hint(faults: &[ImportFault]) -> Option<String> {
    let mut hints: Vec<&'static str> = Vec::new();
    for fault in faults {
        let hint = if fault.problem == ImportProblem::WasiOff { Some(WASI_OFF_HINT) } else { fault.hint };
        if let Some(hint) = hint
            && !hints.contains(&hint)
        {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("\n"))
}

const WASI_OFF_HINT: &str =
    "switch WASI on: take out `enabled = false` under `[wasi]` in skill.toml, or `--no-wasi` on the command line";
