//! A file of the suite as a list of steps, with modules encoded.

use crate::proof::observed::Value;
use wast::core::{NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::lexer::Lexer;
use wast::parser::ParseBuffer;
use wast::token::{F32, F64, Id};
use wast::{QuoteWat, QuoteWatTest, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

/// One directive.
pub struct Step {
    pub line: usize,
    pub action: Action,
    pub expected: Expected,
}

/// What is done.
pub enum Action {
    /// A module is instantiated, and from then on is the current one, also by its name.
    Module { name: Option<String>, bytes: Vec<u8> },
    /// A module is offered to the importers of later ones.
    Register { module: Option<String>, offered_as: String },
    /// An exported function is called.
    Invoke { module: Option<String>, export: String, arguments: Vec<Value> },
    /// An exported global is read.
    Get { module: Option<String>, export: String },
    /// A module is only validated; where its text does not even parse, there is only the text.
    Validate { content: Vec<u8> },
    /// Something that is no part of WebAssembly 2.0.
    Unknown(&'static str),
}

/// What must come of it.
pub enum Expected {
    Returns(Vec<Pattern>),
    Traps(String),
    Exhaustion,
    Unlinkable,
    Refused,
}

/// A value, or all values of a kind.
pub enum Pattern {
    Is(Value),
    F32Canonical,
    F32Arithmetic,
    F64Canonical,
    F64Arithmetic,
    NonNullFunction,
    NonNullExtern,
    Lanes32(Vec<Pattern>),
    Lanes64(Vec<Pattern>),
    Null,
    /// Nobody's concern.
    Anything,
    /// No value of WebAssembly 2.0.
    Foreign,
}

/// Reads a file.
pub fn steps(text: &str) -> Vec<Step> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).unwrap();
    let directives = wast::parser::parse::<Wast<'_>>(&buffer).unwrap().directives;
    let line = |directive: &WastDirective<'_>| directive.span().linecol_in(text).0 + 1;
    directives.into_iter().map(|directive| (line(&directive), directive)).map(|(line, directive)| step(line, directive)).collect()
}

fn step(line: usize, directive: WastDirective<'_>) -> Step {
    let succeeds = || Expected::Returns(Vec::new());
    let (action, expected) = match directive {
        WastDirective::Module(module) => (instantiated(module), succeeds()),
        WastDirective::Register { name, module, .. } => {
            (Action::Register { module: owned(module), offered_as: name.to_owned() }, succeeds())
        }
        // What a bare call returns is nobody's concern.
        WastDirective::Invoke(call) => (invoke(call), Expected::Returns(vec![Pattern::Anything])),
        WastDirective::AssertReturn { exec, results, .. } => {
            (execute(exec), Expected::Returns(results.into_iter().map(pattern).collect()))
        }
        WastDirective::AssertTrap { exec, message, .. } => (execute(exec), Expected::Traps(message.to_owned())),
        WastDirective::AssertExhaustion { call, .. } => (invoke(call), Expected::Exhaustion),
        WastDirective::AssertUnlinkable { module, .. } => (instantiated(QuoteWat::Wat(module)), Expected::Unlinkable),
        WastDirective::AssertMalformed { module, .. } | WastDirective::AssertInvalid { module, .. } => {
            (Action::Validate { content: content(module) }, Expected::Refused)
        }
        WastDirective::ModuleDefinition(_) | WastDirective::ModuleInstance { .. } => {
            (Action::Unknown("module definition"), succeeds())
        }
        WastDirective::AssertException { .. } => (Action::Unknown("assert_exception"), succeeds()),
        WastDirective::AssertSuspension { .. } => (Action::Unknown("assert_suspension"), succeeds()),
        WastDirective::Thread(_) | WastDirective::Wait { .. } => (Action::Unknown("thread"), succeeds()),
        WastDirective::AssertMalformedCustom { .. } | WastDirective::AssertInvalidCustom { .. } => {
            (Action::Unknown("custom section"), succeeds())
        }
    };
    Step { line, action, expected }
}

fn owned(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_owned())
}

fn instantiated(mut module: QuoteWat<'_>) -> Action {
    let name = owned(module.name());
    match module.encode() {
        Ok(bytes) => Action::Module { name, bytes },
        Err(_) => Action::Unknown("a module whose text does not parse"),
    }
}

/// The binary; or the text, where it is quoted or does not parse.
pub fn content(mut module: QuoteWat<'_>) -> Vec<u8> {
    match module.to_test() {
        Ok(QuoteWatTest::Binary(bytes) | QuoteWatTest::Text(bytes)) => bytes,
        Err(error) => error.to_string().into_bytes(),
    }
}

fn invoke(call: WastInvoke<'_>) -> Action {
    let arguments = call.args.into_iter().map(argument).collect();
    Action::Invoke { module: owned(call.module), export: call.name.to_owned(), arguments }
}

fn execute(exec: WastExecute<'_>) -> Action {
    match exec {
        WastExecute::Invoke(call) => invoke(call),
        WastExecute::Wat(module) => instantiated(QuoteWat::Wat(module)),
        WastExecute::Get { module, global, .. } => Action::Get { module: owned(module), export: global.to_owned() },
    }
}

fn argument(argument: WastArg<'_>) -> Value {
    let WastArg::Core(argument) = argument else { panic!("{argument:?}") };
    match argument {
        WastArgCore::I32(number) => Value::I32(number),
        WastArgCore::I64(number) => Value::I64(number),
        WastArgCore::F32(float) => Value::F32(float.bits),
        WastArgCore::F64(float) => Value::F64(float.bits),
        WastArgCore::V128(vector) => Value::V128(u128::from_le_bytes(vector.to_le_bytes())),
        WastArgCore::RefNull(wast::core::HeapType::Abstract { ty: wast::core::AbstractHeapType::Func, .. }) => {
            Value::FuncRef(None)
        }
        WastArgCore::RefNull(_) => Value::ExternRef(None),
        WastArgCore::RefExtern(number) | WastArgCore::RefHost(number) => Value::ExternRef(Some(number)),
    }
}

fn pattern(result: WastRet<'_>) -> Pattern {
    let WastRet::Core(result) = result else { panic!("{result:?}") };
    match result {
        WastRetCore::I32(number) => Pattern::Is(Value::I32(number)),
        WastRetCore::I64(number) => Pattern::Is(Value::I64(number)),
        WastRetCore::F32(float) => f32_pattern(&float),
        WastRetCore::F64(float) => f64_pattern(&float),
        WastRetCore::V128(V128Pattern::F32x4(lanes)) => Pattern::Lanes32(lanes.iter().map(f32_pattern).collect()),
        WastRetCore::V128(V128Pattern::F64x2(lanes)) => Pattern::Lanes64(lanes.iter().map(f64_pattern).collect()),
        WastRetCore::V128(lanes) => Pattern::Is(Value::V128(integer_lanes(&lanes))),
        WastRetCore::RefNull(_) => Pattern::Null,
        WastRetCore::RefExtern(Some(number)) | WastRetCore::RefHost(number) => Pattern::Is(Value::ExternRef(Some(number))),
        WastRetCore::RefExtern(None) => Pattern::NonNullExtern,
        WastRetCore::RefFunc(_) => Pattern::NonNullFunction,
        _ => Pattern::Foreign,
    }
}

fn f32_pattern(float: &NanPattern<F32>) -> Pattern {
    match float {
        NanPattern::CanonicalNan => Pattern::F32Canonical,
        NanPattern::ArithmeticNan => Pattern::F32Arithmetic,
        NanPattern::Value(float) => Pattern::Is(Value::F32(float.bits)),
    }
}

fn f64_pattern(float: &NanPattern<F64>) -> Pattern {
    match float {
        NanPattern::CanonicalNan => Pattern::F64Canonical,
        NanPattern::ArithmeticNan => Pattern::F64Arithmetic,
        NanPattern::Value(float) => Pattern::Is(Value::F64(float.bits)),
    }
}

fn integer_lanes(lanes: &V128Pattern) -> u128 {
    let bytes: Vec<u8> = match lanes {
        V128Pattern::I8x16(lanes) => lanes.iter().flat_map(|lane| lane.to_le_bytes()).collect(),
        V128Pattern::I16x8(lanes) => lanes.iter().flat_map(|lane| lane.to_le_bytes()).collect(),
        V128Pattern::I32x4(lanes) => lanes.iter().flat_map(|lane| lane.to_le_bytes()).collect(),
        V128Pattern::I64x2(lanes) => lanes.iter().flat_map(|lane| lane.to_le_bytes()).collect(),
        V128Pattern::F32x4(_) | V128Pattern::F64x2(_) => panic!("floats have patterns"),
    };
    u128::from_le_bytes(bytes.try_into().unwrap())
}
