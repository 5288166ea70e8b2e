//! The fuel counter and the checkpoints, written into a module before it is compiled.
//!
//! [`instrument`] turns a valid module into one that does the same and counts what it does, by the rule of `docs/fuel.md`. What it adds:
//! - the import [`CHECKPOINT`], `(i64 left) -> i64 slice`, the last imported function: the module's own functions move up by one;
//! - an exported, mutable `i64` global, [`fuel_export`]: the fuel left in the current slice, 0 at first, and below 0 where more was
//!   used than was granted; and one more global that is not exported.
//!
//! - functions behind the module's own, which only the host calls, or which call the host.
//!
//! Whenever the host can look, the global holds the fuel that is left. In between, the count is handed from function to function as one more
//! parameter and result, so that it stays in a register. At loop headers and, where needed, elsewhere the code looks whether it is below
//! 0; if so it calls the checkpoint with it and goes on with what that returns. So the host accounts as follows,
//! beginning with `granted = 0`: at a checkpoint `used = granted - left`, then `granted = used + slice`, and `slice` is returned. At
//! any other time (inside a host call, after a call into the guest returned) `used = granted - global`. After a trap, what is owed where it
//! happened ([`Origins::owed`]) comes on top, for an engine that tells the place of every trap ([`TrapPlaces`]): code that may trap need
//! not be paid for right before it, and a good part of what counting costs is saved. For one that does not, nothing is owed on a trap. Either
//! way the count is exact. A checkpoint that returns an error ends the run; the global then still holds `left`.
//!
//! No loop turns, no recursion descends and no way through the code goes on for long without a test. Custom sections are dropped.
//! The same bytes give the same bytes, so that [`Origins`] can be had again whenever a trap's offset must be told in terms of the
//! original module.
//!
//! [`instrument_profiled`] makes a module that also tells which functions the fuel went to ([`FunctionCounters`]). Its fuel is the same, and so are
//! the places at which it looks; only it is slower.
//!
//! It knows bytes only: neither the engine nor the host, nor how much fuel a slice is.

mod assemble;
mod bases;
mod call_graph;
mod counters;
mod debts;
mod in_parts;
mod indices;
mod instruction;
mod joined_loads;
mod layout;
mod locals;
mod mark;
mod operation;
mod origins;
mod payment;
mod placement;
mod rewrite;
mod scan;
mod scanned;
mod scanner;
mod sequence;
mod signature;
mod stores;
mod turns;
mod ways;

#[cfg(test)]
mod tests;

pub use counters::FunctionCounters;
pub use origins::Origins;

use crate::event::Failure;
use assemble::Functions;
use call_graph::Reachable;
use in_parts::{in_parts, parts};
use indices::Indices;
use layout::Layout;
use locals::DeclaredLocals;
use mark::FunctionBody;
use payment::Payment;
use placement::Code;
use rewrite::BodyWriter;
use scan::Surroundings;
use scanned::{Scanned, scan_all};
use sequence::{Added, Decided};
use signature::Signatures;
use std::collections::BTreeSet;
use std::ops::Range;

/// The version of what [`instrument`] writes: a part of the key under which compiled modules are kept.
pub const REWRITER_VERSION: u32 = 10;

/// The version of the fuel rule, recorded with every figure.
pub const FUEL_RULE: u32 = 1;

/// Module and name of the import through which the guest asks for its next slice: `(i64 left) -> i64 slice`.
pub const CHECKPOINT: (&str, &str) = ("skillscope", "checkpoint");

/// A module that counts its fuel.
#[derive(Clone, Debug)]
pub struct Instrumented {
    /// The rewritten module.
    pub bytes: Vec<u8>,
    /// The name of the exported global that holds the fuel left in the current slice, as [`fuel_export`] gives it.
    pub fuel_export: String,
    /// Where its instructions came from.
    pub origins: Origins,
    /// Its functions' counters, where it is a profiled one.
    pub counters: Option<FunctionCounters>,
}

/// Whether the engine tells of every trap at which instruction it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapPlaces {
    /// It does. What is owed at a trap is then known from its place ([`Origins::owed`]), and need not be paid before.
    Told,
    /// Not always: whatever may trap finds all paid.
    Untold,
}

/// Why a module could not be rewritten. None of these is to be expected of a module that passed validation, but for the limits.
#[derive(Debug, thiserror::Error)]
pub enum InstrumentError {
    /// The parser gave up.
    #[error("the module is malformed: {0}")]
    Parse(#[from] wasmparser::Error),
    /// Something that validation would have refused.
    #[error("the module is malformed: {what} at offset {offset:#x}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where, in the original module.
        offset: u64,
    },
    /// A feature outside the accepted set.
    #[error("the module has {what}, at offset {offset:#x}")]
    Unsupported {
        /// What there is.
        what: &'static str,
        /// Where, in the original module; 0 where that is not known.
        offset: u64,
    },
    /// No room for what must be added.
    #[error("the module has so many {what} that the fuel counter has no room: the engine takes {limit}")]
    NoRoom {
        /// What there are many of.
        what: &'static str,
        /// How many there may be.
        limit: u32,
    },
    /// Something gets larger than an engine takes.
    #[error("{what} is too large: the engine takes {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// In bytes.
        limit: u64,
    },
}

impl From<InstrumentError> for Failure {
    fn from(error: InstrumentError) -> Self {
        let kind = match error {
            InstrumentError::Parse(_) | InstrumentError::Malformed { .. } => "malformed",
            InstrumentError::Unsupported { .. } => "feature",
            InstrumentError::NoRoom { .. } | InstrumentError::TooLarge { .. } => "too-large",
        };
        let failure = Self::new(kind, error.to_string());
        match error {
            InstrumentError::TooLarge { .. } => {
                failure.with_hint("split the largest functions, or build with less inlining (`-Os`)")
            }
            _ => failure,
        }
    }
}

/// The name of the exported global that holds the fuel left in the current slice: one that no export of the original module has.
///
/// # Errors
/// Where the module cannot be parsed.
pub fn fuel_export(module: &[u8]) -> Result<String, InstrumentError> {
    Ok(free_name(&Layout::read(module)?.export_names()?))
}

fn free_name(taken: &[&str]) -> String {
    const NAME: &str = "skillscope.fuel";
    let numbered = taken.iter().filter_map(|name| name.strip_prefix(NAME)).collect::<std::collections::HashSet<_>>();
    if !numbered.contains("") {
        return NAME.to_owned();
    }
    let free = (2_u32..).find(|number| !numbered.contains(number.to_string().as_str())).unwrap_or_default();
    format!("{NAME}{free}")
}

/// Rewrites a valid module of WebAssembly 2.0 with extended constants so that it counts its fuel.
///
/// # Errors
/// Where the module is not valid, or is so near the engine's limits that nothing can be added. It never panics, whatever the bytes.
pub fn instrument(module: &[u8], places: TrapPlaces) -> Result<Instrumented, InstrumentError> {
    instrument_in(module, Form::Refined, places)
}

/// As [`instrument`], and each function of the module has counters of its own.
///
/// # Errors
/// As [`instrument`]; such a module takes more room.
pub fn instrument_profiled(module: &[u8], places: TrapPlaces) -> Result<Instrumented, InstrumentError> {
    instrument_in(module, Form::Profiled, places)
}

/// How the counter is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// In the global alone, each segment paying for itself: the form that the refined one is compared with.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests compare the two forms"))]
    Plain,
    /// Handed from function to function, paid where it costs least; and loops that call nothing are entered by their header alone.
    Refined,
    /// As the refined one, and each segment is also paid for in its function's own counter.
    Profiled,
}

fn instrument_in(module: &[u8], form: Form, places: TrapPlaces) -> Result<Instrumented, InstrumentError> {
    let layout = Layout::read(module)?;
    let mut signatures = Signatures::read(layout.types.as_ref())?;
    let function_types = layout.function_types()?;
    let locals = read_locals(module, &layout, &function_types, &mut signatures)?;
    if form == Form::Plain {
        signatures.none_carries();
    }
    let parts = parts(&layout.bodies);
    let surroundings = Surroundings {
        module,
        signatures: &signatures,
        function_types: &function_types,
        imported_functions: layout.imported_functions(),
        places,
    };
    let scanned = scan_all(&surroundings, &layout.bodies, &locals, &parts)?;
    let Scanned { mut bodies, marks, references, called_types, block_types } = scanned;
    if form == Form::Plain {
        bodies.iter_mut().for_each(FunctionBody::keep_to_the_global);
    }

    let referred_in_code: Vec<u32> = references.into_iter().collect::<BTreeSet<u32>>().into_iter().collect();
    let mut reachable = Reachable::new(layout.imported_types.len(), function_types.clone(), &signatures);
    layout.add_references(module, &signatures, &mut reachable)?;
    for function in &referred_in_code {
        reachable.add_reference(*function, &signatures);
    }
    let code = Code { module, bodies: &bodies, marks: &marks, reachable: &reachable, signatures: &signatures };
    let decisions = decide(&code, &parts)?;

    let called_by_host = layout.called_by_host()?.into_iter();
    let referred_imports = reachable.imports().iter().copied();
    let indices = Indices::new(&layout.imported_types, &function_types, called_by_host, referred_imports, &signatures);
    let used_types = function_types.iter().copied().chain(called_types).chain(indices.wrapped_types());
    let needed_as_they_are = layout.imported_types.iter().copied().chain(indices.wrapped_types()).chain(block_types);
    signatures.add_carrying_types(used_types, &needed_as_they_are.collect());
    let added_functions = indices.bodies().saturating_sub(indices.own()).saturating_add(1);
    let export_names = layout.export_names()?;
    let counters =
        (form == Form::Profiled).then(|| FunctionCounters::new(layout.imported_functions(), indices.own(), &export_names));
    let added_counters = counters.as_ref().map_or(0, FunctionCounters::globals);
    layout.check_room(signatures.added_count().saturating_add(2), added_functions, added_counters)?;

    let globals = layout.global_count();
    let added = Added {
        checkpoint: layout.imported_functions(),
        next_slice: indices.next_slice(),
        fuel: globals,
        length: globals.saturating_add(1),
        counters: counters.is_some().then(|| globals.saturating_add(2)),
    };
    let code = Code { module, bodies: &bodies, marks: &marks, reachable: &reachable, signatures: &signatures };
    let (written, mut origins) = write_code(&code, &decisions, parts, &indices, added)?;
    let functions = Functions {
        added,
        signatures: &signatures,
        indices: &indices,
        types: &function_types,
        referred_in_code: &referred_in_code,
    };
    let fuel_export = free_name(&export_names);
    let exports = assemble::Exports { fuel: &fuel_export, counters: counters.as_ref() };
    let (bytes, code_begins) = assemble::assemble(module, &layout, &functions, &exports, &written)?;
    origins.set_base(code_begins);
    if places == TrapPlaces::Untold {
        origins.forget_debts();
    }
    Ok(Instrumented { bytes, fuel_export, origins, counters })
}

/// Writes the code section: all bodies, and behind them the functions that are not of the original module.
fn write_code(
    code: &Code<'_>,
    decisions: &Decisions,
    parts: Vec<Range<usize>>,
    indices: &Indices,
    added: Added,
) -> Result<(Vec<u8>, Origins), InstrumentError> {
    let Decisions { tests, payments } = decisions;
    let whole = || BodyWriter::new(code.module, added, code.signatures, indices);
    let written = in_parts(parts.len(), parts, |part| {
        let mut writer = match part.start {
            0 => whole(),
            first => BodyWriter::for_a_part(code.module, added, code.signatures, indices, first),
        };
        for body in code.bodies.get(part).unwrap_or_default() {
            let marks = body.of_its_marks(code.marks).iter().zip(body.of_its_marks(payments)).zip(body.of_its_marks(tests));
            writer.write(body, marks.map(|((mark, payment), tested)| Decided { mark, payment: *payment, tested: *tested }))?;
        }
        Ok(writer)
    })?;
    let mut written = written.into_iter();
    let mut writer = written.next().unwrap_or_else(whole);
    for part in written {
        writer.append(part)?;
    }
    for wrapper in indices.wrappers(added, code.signatures) {
        writer.write_wrapper(wrapper)?;
    }
    writer.write_wrapper(|out| indices::write_next_slice(added, out))?;
    Ok(writer.finish())
}

/// What the functions declare; the types of those in which there is no room do not carry.
fn read_locals(
    module: &[u8],
    layout: &Layout<'_>,
    types: &[u32],
    signatures: &mut Signatures,
) -> Result<Vec<DeclaredLocals>, InstrumentError> {
    let mut locals = Vec::with_capacity(layout.bodies.len());
    for (place, type_index) in layout.bodies.iter().zip(types) {
        let declared = DeclaredLocals::read(module, *place, signatures.parameters(*type_index))?;
        if !declared.has_room() {
            signatures.must_not_carry(*type_index);
        }
        locals.push(declared);
    }
    Ok(locals)
}

/// What was decided of each mark.
struct Decisions {
    /// Whether its segment begins with a test.
    tests: Vec<bool>,
    payments: Vec<Payment>,
}

/// Places tests, which hang together through the whole module, and payments, which are a function's own matter: neither knows of the other.
fn decide(code: &Code<'_>, parts: &[Range<usize>]) -> Result<Decisions, InstrumentError> {
    enum Work<'w> {
        Tests,
        Payments(&'w [FunctionBody], &'w mut [Payment]),
    }
    let mut payments = vec![Payment::default(); code.marks.len()];
    let mut work = vec![Work::Tests];
    let mut rest = payments.as_mut_slice();
    for bodies in parts.iter().filter_map(|part| code.bodies.get(part.clone())).flat_map(in_fours) {
        let marks = bodies.iter().map(|body| body.marks.1.saturating_sub(body.marks.0)).sum();
        let (own, behind) = rest.split_at_mut_checked(marks).unwrap_or_default();
        work.push(Work::Payments(bodies, own));
        rest = behind;
    }
    let done = in_parts(parts.len(), work, |work| match work {
        Work::Tests => {
            let order = call_graph::walk(code.bodies, code.marks, code.reachable, code.signatures);
            Ok(Some(placement::place_tests(code, &order)))
        }
        Work::Payments(bodies, payments) => {
            payment::place_payments(code.module, bodies, code.marks, payments);
            Ok(None)
        }
    })?;
    let tests = done.into_iter().flatten().next().unwrap_or_default();
    Ok(Decisions { tests, payments })
}

/// Parts of a part, so that who has done other work finds its share left.
fn in_fours(bodies: &[FunctionBody]) -> std::slice::Chunks<'_, FunctionBody> {
    bodies.chunks(bodies.len().div_ceil(4).max(1))
}
