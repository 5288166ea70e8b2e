//! The module's sections: read once, and written again with what the rewriter adds.

use super::InstrumentError;
use super::instruction::{Instruction, InstructionReader, index, offset};
use super::sequence::{Added, write_u32};
use std::ops::Range;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{Encode, Section};
use wasmparser::{
    ConstExpr, ElementItems, ElementSectionReader, ExportSectionReader, ExternalKind, FunctionSectionReader, GlobalSectionReader,
    ImportSectionReader, Parser, Payload, TableSectionReader, TypeRef, TypeSectionReader,
};
