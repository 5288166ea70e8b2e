//! A function's instructions, the places that control goes to, and what each segment costs.

use wasmparser::{FunctionBody, Operator, ValType, Validator, WasmFeatures};

/// A module has something that this interpreter leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// What an `end` closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closes {
    Function,
    Loop,
    /// A `block`, or an `if` with or without its `else`.
    Label,
}

/// The code of one function.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    pub(crate) operators: Vec<Operator<'a>>,
    /// The byte offset of each instruction in the module.
    pub(crate) offsets: Vec<u64>,
    /// For a `block`, `loop`, `if` and `else`: the index of the `end` that belongs to it. For an `end`: not used.
    pub(crate) ends: Vec<usize>,
    /// For an `if` that has one: the index of its `else`.
    pub(crate) elses: Vec<Option<usize>>,
    /// For an `end`: what it closes.
    pub(crate) closes: Vec<Option<Closes>>,
    /// What is paid when a segment begins at this instruction: its cost and that of all behind it up to the end of the segment.
    pub(crate) segment_costs: Vec<u64>,
    /// The number of locals besides the parameters.
    pub(crate) locals: usize,
}

impl<'a> Body<'a> {
    pub(crate) fn read(function: &FunctionBody<'a>) -> Result<Self, Unsupported> {
        let locals = count_locals(function)?;
        let (mut operators, mut offsets) = (Vec::new(), Vec::new());
        for entry in function.get_operators_reader().expect("valid").into_iter_with_offsets() {
            let (operator, offset) = entry.expect("valid");
            operators.push(operator);
            offsets.push(offset);
        }
        let mut body = Self {
            ends: vec![0; operators.len()],
            elses: vec![None; operators.len()],
            closes: vec![None; operators.len()],
            segment_costs: vec![0; operators.len()],
            operators,
            offsets,
            locals,
        };
        body.find_ends();
        body.sum_segments();
        Ok(body)
    }

    fn find_ends(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.operators.len() {
            match self.operators[at] {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(at),
                Operator::Else => self.elses[*open.last().expect("valid")] = Some(at),
                Operator::End => self.close(open.pop(), at),
                _ => {}
            }
        }
    }

    fn close(&mut self, opened: Option<usize>, end: usize) {
        let Some(opened) = opened else {
            self.closes[end] = Some(Closes::Function);
            return;
        };
        self.ends[opened] = end;
        if let Some(at) = self.elses[opened] {
            self.ends[at] = end;
        }
        let is_loop = matches!(self.operators[opened], Operator::Loop { .. });
        self.closes[end] = Some(if is_loop { Closes::Loop } else { Closes::Label });
    }

    /// From the last instruction to the first: what stands at the end of a segment counts alone, all others with what follows them.
    fn sum_segments(&mut self) {
        let mut behind = 0;
        for at in (0..self.operators.len()).rev() {
            if self.ends_segment(at) {
                behind = 0;
            }
            behind += cost(&self.operators[at]);
            self.segment_costs[at] = behind;
        }
    }

    /// Whether a segment ends with this instruction: because another begins behind it, or because control never goes on behind it.
    pub(crate) fn ends_segment(&self, at: usize) -> bool {
        match &self.operators[at] {
            Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::BrIf { .. }
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::Br { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable => true,
            Operator::End => self.closes[at] != Some(Closes::Loop),
            _ => false,
        }
    }
}

/// What an instruction costs, without what a bulk instruction costs by its length.
fn cost(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Else
        | Operator::End
        | Operator::Nop
        | Operator::Drop
        | Operator::Return
        | Operator::Unreachable => 0,
        _ => 1,
    }
}

fn count_locals(function: &FunctionBody<'_>) -> Result<usize, Unsupported> {
    let mut count = 0;
    for group in function.get_locals_reader().expect("valid") {
        let (number, of_type) = group.expect("valid");
        if of_type == ValType::V128 {
            return Err(Unsupported("a local of type v128".into()));
        }
        count += usize::try_from(number).unwrap();
    }
    Ok(count)
}

/// Whether vectors occur anywhere in a valid module.
pub fn uses_vectors(module: &[u8]) -> bool {
    let features = WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST).difference(WasmFeatures::SIMD);
    Validator::new_with_features(features).validate_all(module).is_err()
}
