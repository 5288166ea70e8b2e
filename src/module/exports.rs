//! A module's exports against its profile: which profile they tell, and all that is missing or wrongly typed, at once.

use super::fault::ModuleFault;
use super::shown_name::shown_name;
use super::signature::{function_words, global_words, has_type, memory_words, signature, table_words, type_of_function};
use super::validation::Declarations;
use super::{Allocator, Type, Type::I32};
use crate::event::Profile;
use wasmparser::types::TypesRef;
use wasmparser::{Export, ExternalKind, FuncType};

/// The most exports that a message lists.
const MAX_LISTED: usize = 20;
/// The most exports that are searched for a name that is like the one looked for.
const MAX_COMPARED: usize = 10_000;
/// How alike two names must be, from 0 to 1, for one to be shown beside the other.
const LIKENESS: f64 = 0.8;

/// An export that is missing or wrongly typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFault {
    /// The export's name.
    pub name: &'static str,
    /// What it must be, in words.
    pub expected: String,
    /// What it is, in words; `None` where it is missing.
    pub found: Option<String>,
    /// For a missing one, the export whose name is most like it, or what else explains it.
    pub note: Option<String>,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// What an exported function must be.
struct Wanted {
    name: &'static str,
    parameters: &'static [Type],
    /// The results that are allowed, the usual one first.
    results: &'static [&'static [Type]],
    optional: bool,
}

const fn wanted(name: &'static str, parameters: &'static [Type], results: &'static [&'static [Type]], optional: bool) -> Wanted {
    Wanted { name, parameters, results, optional }
}

const ONE: &[&[Type]] = &[&[I32]];
const NONE: &[&[Type]] = &[&[]];
const ONE_OR_NONE: &[&[Type]] = &[&[I32], &[]];

const INITIALIZE: Wanted = wanted("_initialize", &[], NONE, true);
const D04: &[Wanted] = &[
    wanted("alloc", &[I32], ONE, false),
    wanted("dealloc", &[I32, I32], NONE, false),
    wanted("execute", &[I32], ONE, false),
    INITIALIZE,
];
const CIS_SDK: &[Wanted] = &[
    wanted("skill_on_event", &[I32, I32, I32, I32], ONE_OR_NONE, false),
    wanted("skill_init", &[], ONE_OR_NONE, true),
    wanted("skill_shutdown", &[], ONE_OR_NONE, true),
    INITIALIZE,
];
const COMMAND: &[Wanted] = &[wanted("_start", &[], NONE, false), INITIALIZE];

/// The export that tells a profile.
const TELLING: [(Profile, &str); 3] =
    [(Profile::D04, "execute"), (Profile::CisSdk, "skill_on_event"), (Profile::Command, "_start")];

const ALLOC_DEALLOC: Allocator = Allocator { allocate: "alloc", free: "dealloc", free_takes_len: true };
const MALLOC_FREE: Allocator = Allocator { allocate: "malloc", free: "free", free_takes_len: false };

/// A module's exports, to be asked by name.
pub(super) struct Exports<'a> {
    exports: &'a [Export<'a>],
    types: TypesRef<'a>,
}

impl<'a> Exports<'a> {
    pub(super) fn of(declarations: &'a Declarations<'a>) -> Self {
        Self { exports: &declarations.exports, types: declarations.types() }
    }

    /// The export of that name.
    pub(super) fn find(&self, name: &str) -> Option<&'a Export<'a>> {
        self.exports.iter().find(|export| export.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first export of that kind.
    pub(super) fn first_of_kind(&self, kind: ExternalKind) -> Option<&'a Export<'a>> {
        self.exports.iter().find(|export| export.kind == kind)
    }

    fn function(&self, export: &Export<'_>) -> Option<&'a FuncType> {
        matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact)
            .then(|| type_of_function(&self.types, export.index))
            .flatten()
    }

    /// What an export is, in words.
    pub(super) fn words(&self, export: &Export<'_>) -> String {
        let index = export.index;
        match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => function_words(type_of_function(&self.types, index)),
            ExternalKind::Global if index < self.types.global_count() => global_words(self.types.global_at(index)),
            ExternalKind::Table if index < self.types.table_count() => table_words(self.types.table_at(index)),
            ExternalKind::Memory if index < self.types.memory_count() => memory_words(self.types.memory_at(index)),
            kind => kind_word(kind).to_owned(),
        }
    }

    /// The profile: the manifest's, or the one that the exports tell.
    ///
    /// # Errors
    /// Where the exports tell two, or none.
    pub(super) fn profile(&self, from_manifest: Option<Profile>) -> Result<Profile, ModuleFault> {
        if let Some(profile) = from_manifest {
            return Ok(profile);
        }
        match (self.has("execute"), self.has("skill_on_event"), self.has("_start")) {
            (true, true, _) => Err(ModuleFault::TwoProfiles),
            (true, false, _) => Ok(Profile::D04),
            (false, true, _) => Ok(Profile::CisSdk),
            (false, false, true) => Ok(Profile::Command),
            (false, false, false) => Err(self.no_profile()),
        }
    }

    fn no_profile(&self) -> ModuleFault {
        ModuleFault::NoProfile {
            exports: self
                .exports
                .iter()
                .take(MAX_LISTED)
                .map(|export| (shown_name(export.name), kind_word(export.kind)))
                .collect(),
            more: self.exports.len().saturating_sub(MAX_LISTED),
            nearest: TELLING.iter().filter_map(|&(_, name)| Some((self.nearest(name)?, name))).collect(),
        }
    }

    /// The exported function whose name is most like that one.
    fn nearest(&self, name: &str) -> Option<String> {
        self.exports
            .iter()
            .take(MAX_COMPARED)
            .filter(|export| export.kind == ExternalKind::Func && export.name.len() <= 64)
            .map(|export| (likeness(export.name, name), export.name))
            .filter(|(likeness, _)| *likeness >= LIKENESS)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, found)| shown_name(found))
    }

    /// What is missing or wrongly typed for a profile.
    pub(super) fn faults(&self, profile: Profile) -> Vec<ExportFault> {
        let rows = match profile {
            Profile::D04 => D04,
            Profile::CisSdk => CIS_SDK,
            Profile::Command => COMMAND,
        };
        let mut faults: Vec<_> = rows.iter().filter_map(|wanted| self.fault(wanted)).collect();
        if profile == Profile::CisSdk && self.allocator(profile).is_none() {
            faults.extend(self.allocator_faults());
        }
        faults
    }

    fn fault(&self, wanted: &Wanted) -> Option<ExportFault> {
        let found = self.find(wanted.name);
        if found.is_none() && wanted.optional || found.is_some_and(|export| self.fits(export, wanted)) {
            return None;
        }
        Some(ExportFault {
            name: wanted.name,
            expected: wanted.words(),
            found: found.map(|export| self.words(export)),
            note: if found.is_none() { self.nearest(wanted.name).map(|name| format!("`{name}` is")) } else { None },
            hint: if found.is_none() { Some(EXPORT_HINT) } else { None },
        })
    }

    fn fits(&self, export: &Export<'_>, wanted: &Wanted) -> bool {
        let Some(function) = self.function(export) else { return false };
        wanted.results.iter().any(|results| has_type(function, wanted.parameters.iter().copied(), results))
    }

    /// The pair of exports by which the host gets buffers, if both of a pair are there and rightly typed. The profile says which pair is asked first.
    pub(super) fn allocator(&self, profile: Profile) -> Option<Allocator> {
        let pairs = match profile {
            Profile::D04 => [ALLOC_DEALLOC, MALLOC_FREE],
            Profile::CisSdk | Profile::Command => [MALLOC_FREE, ALLOC_DEALLOC],
        };
        pairs
            .into_iter()
            .find(|pair| pair_rows(pair).iter().all(|row| self.find(row.name).is_some_and(|export| self.fits(export, row))))
    }

    /// What is wrong with the pair that is begun, or that there is none.
    fn allocator_faults(&self) -> Vec<ExportFault> {
        let begun = [MALLOC_FREE, ALLOC_DEALLOC].into_iter().find(|pair| self.has(pair.allocate) || self.has(pair.free));
        if let Some(pair) = begun {
            return pair_rows(&pair).iter().filter_map(|row| self.fault(row)).collect();
        }
        vec![ExportFault {
            name: "malloc",
            expected: format!(
                "{}, with `free`: function (i32) -> (); or `alloc` and `dealloc`",
                pair_rows(&MALLOC_FREE)[0].words()
            ),
            found: None,
            note: None,
            hint: Some(EXPORT_HINT),
        }]
    }
}

fn pair_rows(pair: &Allocator) -> [Wanted; 2] {
    let free_parameters: &'static [Type] = if pair.free_takes_len { &[I32, I32] } else { &[I32] };
    [wanted(pair.allocate, &[I32], ONE, false), wanted(pair.free, free_parameters, NONE, false)]
}

impl Wanted {
    fn words(&self) -> String {
        let all: Vec<_> = self.results.iter().map(|results| signature(self.parameters, results)).collect();
        format!("function {}", all.join(" or "))
    }
}

fn likeness(found: &str, wanted: &str) -> f64 {
    strsim::jaro_winkler(&found.trim_start_matches('_').to_ascii_lowercase(), wanted.trim_start_matches('_'))
}

const fn kind_word(kind: ExternalKind) -> &'static str {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => "function",
        ExternalKind::Table => "table",
        ExternalKind::Memory => "memory",
        ExternalKind::Global => "global",
        ExternalKind::Tag => "tag",
    }
}

/// The word for scripts: a missing export weighs more than a wrong type.
pub(super) fn kind(faults: &[ExportFault]) -> &'static str {
    if faults.iter().any(|fault| fault.found.is_none()) { "missing-export" } else { "export-type" }
}

/// The faults, a line each.
pub(super) fn message(profile: Profile, from_manifest: bool, faults: &[ExportFault]) -> String {
    let told_by = TELLING.iter().find(|(told, _)| *told == profile).map_or("", |(_, name)| name);
    let source = if from_manifest { "named in the manifest".to_owned() } else { format!("told by the export `{told_by}`") };
    let mut lines = vec![format!("the exports do not fit the profile {profile} ({source}):")];
    for fault in faults {
        let mut line = match &fault.found {
            Some(found) => format!("  `{}` is a {found}; expected {}", fault.name, fault.expected),
            None => format!("  `{}` is not exported; expected {}", fault.name, fault.expected),
        };
        if let Some(note) = &fault.note {
            line.push_str(&format!("; {note}"));
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// What to do, each hint once.
pub(super) fn hint(faults: &[ExportFault]) -> Option<String> {
    let mut hints: Vec<&'static str> = Vec::new();
    for hint in faults.iter().filter_map(|fault| fault.hint) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("\n"))
}

/// The exports that are there, and those that are named almost right.
pub(super) fn exports_words(exports: &[(String, &'static str)], more: usize, nearest: &[(String, &'static str)]) -> String {
    if exports.is_empty() {
        return "the module exports nothing".to_owned();
    }
    let mut words = "its exports are ".to_owned();
    words.push_str(&exports.iter().map(|(name, kind)| format!("`{name}` ({kind})")).collect::<Vec<_>>().join(", "));
    if more > 0 {
        words.push_str(&format!(" and {more} more"));
    }
    for (found, wanted) in nearest {
        words.push_str(&format!("; is `{found}` meant to be `{wanted}`?"));
    }
    words
}

const EXPORT_HINT: &str = "export it by that name: Rust `#[unsafe(no_mangle)] pub extern \"C\" fn` in a crate of `crate-type = [\"cdylib\"]`; \
    C `__attribute__((export_name(\"…\")))`; Zig `export fn`; TinyGo `//go:wasmexport`; AssemblyScript `export function`";

pub(super) const NO_PROFILE_HINT: &str = "export `execute` with `alloc` and `dealloc` (Rust `#[unsafe(no_mangle)] pub extern \"C\" fn` in a crate of \
    `crate-type = [\"cdylib\"]`; C `__attribute__((export_name(\"execute\")))`), or build a WASI command, which exports `_start`";
