//! One pass over a binary module: it is validated, and what it declares is collected.

use wasmparser::types::{Types, TypesRef};
use wasmparser::{
    Export, FuncValidatorAllocations, Import, MemoryType, Parser, Payload, TableType, TypeRef, ValidPayload, Validator,
    WasmFeatures,
};

/// Why a module is invalid under some set of features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// Where, as a byte offset.
    pub offset: u64,
    /// What the validator says.
    pub message: String,
    /// The feature that it misses, where it says so.
    pub feature: Option<WasmFeatures>,
    /// Whether the bytes end too early.
    pub truncated: bool,
}

impl From<wasmparser::Error> for Invalid {
    fn from(error: wasmparser::Error) -> Self {
        let message = error.message().to_owned();
        Self {
            offset: error.offset(),
            feature: error.missing_wasm_feature(),
            truncated: message.starts_with("unexpected end"),
            message,
        }
    }
}

/// What a valid module declares.
pub(super) struct Declarations<'a> {
    /// Its imports, in order.
    pub imports: Vec<Import<'a>>,
    /// Its exports, in order.
    pub exports: Vec<Export<'a>>,
    /// Whether it has a start function.
    pub has_start: bool,
    types: Types,
}

impl Declarations<'_> {
    /// The types of everything in its index spaces.
    pub(super) fn types(&self) -> TypesRef<'_> {
        self.types.as_ref()
    }
}

/// Looks at declarations before the validator does, since a size that is refused here may be invalid there too.
pub(super) trait Limits {
    /// What a limit that is exceeded is called.
    type Exceeded;

    /// A table, imported or declared.
    fn table(&mut self, table: &TableType, imported: bool) -> Result<(), Self::Exceeded>;

    /// A memory, imported or declared.
    fn memory(&mut self, memory: &MemoryType, imported: bool) -> Result<(), Self::Exceeded>;
}

/// Why a pass ended early.
pub(super) enum Stop<E> {
    /// The module is invalid.
    Invalid(Invalid),
    /// A limit is exceeded.
    Exceeded(E),
}

impl<E> From<wasmparser::Error> for Stop<E> {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.into())
    }
}

/// Validates a module with these features, and collects what it declares.
pub(super) fn validate<'a, L: Limits>(
    bytes: &'a [u8],
    features: WasmFeatures,
    limits: &mut L,
) -> Result<Declarations<'a>, Stop<L::Exceeded>> {
    let mut validator = Validator::new_with_features(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let (mut imports, mut exports, mut functions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut has_start, mut types) = (false, None);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        check_limits(&payload, limits).map_err(Stop::Exceeded)?;
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) => functions.push((function, body)),
            ValidPayload::End(all) => types = Some(all),
            _ => {}
        }
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports.push(import?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export?);
                }
            }
            Payload::StartSection { .. } => has_start = true,
            _ => {}
        }
    }
    let mut allocations = FuncValidatorAllocations::default();
    for (function, body) in functions {
        let mut validator = function.into_validator(allocations);
        validator.validate(&body)?;
        allocations = validator.into_allocations();
    }
    let ended_early =
        || Invalid { offset: bytes.len() as u64, message: "unexpected end".to_owned(), feature: None, truncated: true };
    let types = types.ok_or_else(|| Stop::Invalid(ended_early()))?;
    Ok(Declarations { imports, exports, has_start, types })
}

fn check_limits<L: Limits>(payload: &Payload<'_>, limits: &mut L) -> Result<(), L::Exceeded> {
    // Entries that cannot be read are left to the validator.
    match payload {
        Payload::ImportSection(section) => {
            for import in section.clone().into_imports().map_while(Result::ok) {
                match import.ty {
                    TypeRef::Table(table) => limits.table(&table, true)?,
                    TypeRef::Memory(memory) => limits.memory(&memory, true)?,
                    TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Global(_) | TypeRef::Tag(_) => {}
                }
            }
        }
        Payload::TableSection(section) => {
            for table in section.clone().into_iter().map_while(Result::ok) {
                limits.table(&table.ty, false)?;
            }
        }
        Payload::MemorySection(section) => {
            for memory in section.clone().into_iter().map_while(Result::ok) {
                limits.memory(&memory, false)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// No limits: for validation with other features.
struct Unlimited;

impl Limits for Unlimited {
    type Exceeded = std::convert::Infallible;

    fn table(&mut self, _table: &TableType, _imported: bool) -> Result<(), Self::Exceeded> {
        Ok(())
    }

    fn memory(&mut self, _memory: &MemoryType, _imported: bool) -> Result<(), Self::Exceeded> {
        Ok(())
    }
}

/// Whether a module is valid with these features.
pub(super) fn validate_with(bytes: &[u8], features: WasmFeatures) -> Result<(), Invalid> {
    match validate(bytes, features, &mut Unlimited) {
        Ok(_) => Ok(()),
        Err(Stop::Invalid(invalid)) => Err(invalid),
        Err(Stop::Exceeded(never)) => match never {},
    }
}
