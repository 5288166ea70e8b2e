//! Calls, control flow, and the loop that executes instruction by instruction and pays segment by segment.

use crate::body::{Body, Closes};
use crate::stack::{Stack, low};
use crate::store::{Code, Extern, InstanceId, Store};
use crate::value::{Stop, Trap, TrapKind, Value};
use std::rc::Rc;
use wasmparser::{BlockType, Operator, ValType};

/// Where a branch to a label goes.
struct Label {
    to: usize,
    /// How many operands go with it.
    kept: usize,
    /// The height of the stack below them.
    height: usize,
}

pub(crate) struct Frame<'a> {
    body: Rc<Body<'a>>,
    pub(crate) instance: usize,
    /// The store's index of its function, which pays for what is executed here.
    function: usize,
    /// Where it goes on when the function that it calls returns.
    at: usize,
    pub(crate) locals: Vec<u64>,
    results: usize,
    height: usize,
    /// How many labels are open below its own.
    labels: usize,
}

/// One call from outside, and all that it calls.
pub(crate) struct Run<'s, 'a> {
    pub(crate) store: &'s mut Store<'a>,
    pub(crate) stack: Stack,
    frames: Vec<Frame<'a>>,
    labels: Vec<Label>,
}

/// What comes after an instruction.
enum Next {
    Forward,
    At(usize),
    Call(usize),
    Return,
}

impl<'a> Store<'a> {
    /// Calls a function.
    ///
    /// # Errors
    /// Why it did not return.
    ///
    /// # Panics
    /// Where it is no function.
    pub fn call(&mut self, function: Extern, arguments: &[Value]) -> Result<Vec<Value>, Stop> {
        let Extern::Function(index) = function else { panic!("{function:?} is no function") };
        let calls = self.calls;
        let mut run = Run { store: self, stack: Stack::default(), frames: Vec::new(), labels: Vec::new() };
        for argument in arguments {
            run.stack.push(argument.to_slot());
        }
        let ended = run.enter(index, None).and_then(|()| run.execute());
        let slots = run.stack.slots;
        self.calls = calls;
        ended?;
        let results = self.types[self.functions[index].of_type].results();
        Ok(slots.iter().zip(results).map(|(slot, of_type)| Value::from_slot(*slot, *of_type)).collect())
    }
}

impl<'a> Run<'_, 'a> {
    /// Calls a function of the host, or makes a frame for one of a module and pays its first segment.
    fn enter(&mut self, index: usize, caller: Option<usize>) -> Result<(), Stop> {
        let function = self.store.functions[index].clone();
        let of_type = &self.store.types[function.of_type];
        let (parameters, results) = (of_type.params().to_vec(), of_type.results().len());
        let arguments = self.stack.slots.split_off(self.stack.slots.len() - parameters.len());
        match function.code {
            Code::Host(host) => self.call_host(&host, caller, &arguments, &parameters),
            Code::Wasm { instance, body } => {
                if self.store.calls >= self.store.calls_limit {
                    return Err(Stop::TooDeep);
                }
                self.store.calls += 1;
                let mut locals = arguments;
                locals.resize(locals.len() + body.locals, 0);
                let first_segment = body.segment_costs[0];
                let (height, labels) = (self.stack.slots.len(), self.labels.len());
                self.frames.push(Frame { body, instance, function: index, at: 0, locals, results, height, labels });
                self.store.enters(index);
                self.pay(first_segment)
            }
        }
    }

    fn call_host(
        &mut self,
        host: &crate::HostFunction<'a>,
        caller: Option<usize>,
        arguments: &[u64],
        types: &[ValType],
    ) -> Result<(), Stop> {
        let values: Vec<Value> = arguments.iter().zip(types).map(|(slot, of_type)| Value::from_slot(*slot, *of_type)).collect();
        let results = host(self.store, InstanceId(caller.unwrap_or(usize::MAX)), &values)?;
        results.iter().for_each(|result| self.stack.push(result.to_slot()));
        Ok(())
    }

    fn execute(&mut self) -> Result<(), Stop> {
        while let Some(frame) = self.frames.last() {
            let (body, at) = (Rc::clone(&frame.body), frame.at);
            self.execute_from(&body, at)?;
        }
        Ok(())
    }

    /// Executes the innermost frame until it calls a function of a module, or returns.
    fn execute_from(&mut self, body: &Body<'a>, mut at: usize) -> Result<(), Stop> {
        loop {
            match self.step(body, at)? {
                Next::Forward => {
                    let begins = body.ends_segment(at);
                    at += 1;
                    if begins {
                        self.pay(body.segment_costs[at])?;
                    }
                }
                Next::At(place) => {
                    at = place;
                    self.pay(body.segment_costs[at])?;
                }
                Next::Call(function) => {
                    at += 1;
                    let depth = self.frames.len();
                    let frame = &mut self.frames[depth - 1];
                    frame.at = at;
                    let instance = frame.instance;
                    self.enter(function, Some(instance))?;
                    if self.frames.len() > depth {
                        return Ok(());
                    }
                    self.pay(body.segment_costs[at])?;
                }
                Next::Return => return self.leave(),
            }
        }
    }

    fn leave(&mut self) -> Result<(), Stop> {
        let frame = self.frames.pop().expect("a frame returns");
        self.store.calls -= 1;
        self.labels.truncate(frame.labels);
        self.stack.unwind(frame.height, frame.results);
        match self.frames.last() {
            Some(caller) => {
                let cost = caller.body.segment_costs[caller.at];
                self.pay(cost)
            }
            None => Ok(()),
        }
    }

    /// The innermost frame's function pays.
    pub(crate) fn pay(&mut self, cost: u64) -> Result<(), Stop> {
        let function = self.frame().function;
        self.store.pay(function, cost)
    }

    pub(crate) fn frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("code runs in a frame")
    }

    pub(crate) fn instance(&mut self) -> usize {
        self.frame().instance
    }

    fn step(&mut self, body: &Body<'a>, at: usize) -> Result<Next, Stop> {
        let trap = |kind| Stop::Trap(Trap { kind, offset: Some(body.offsets[at]) });
        match &body.operators[at] {
            Operator::Unreachable => return Err(trap(TrapKind::Unreachable)),
            Operator::Nop => {}
            Operator::Block { blockty } => {
                let (parameters, results) = self.arity(*blockty);
                self.open(body.ends[at] + 1, parameters, results);
            }
            Operator::Loop { blockty } => {
                let (parameters, _) = self.arity(*blockty);
                self.open(at + 1, parameters, parameters);
            }
            Operator::If { blockty } => return Ok(self.if_(body, at, *blockty)),
            Operator::Else => return Ok(self.branch(0)),
            Operator::End => match body.closes[at] {
                Some(Closes::Function) => return Ok(Next::Return),
                _ => {
                    self.labels.pop();
                }
            },
            Operator::Br { relative_depth } => return Ok(self.branch(*relative_depth)),
            Operator::BrIf { relative_depth } => {
                if self.stack.pop_u32() != 0 {
                    return Ok(self.branch(*relative_depth));
                }
            }
            Operator::BrTable { targets } => {
                let index = self.stack.pop_u32();
                let target = targets.targets().nth(usize::try_from(index).unwrap());
                return Ok(self.branch(target.map_or_else(|| targets.default(), |depth| depth.expect("valid"))));
            }
            Operator::Return => return Ok(Next::Return),
            Operator::Call { function_index } => {
                let instance = self.instance();
                return Ok(Next::Call(self.store.instances[instance].functions[usize::try_from(*function_index).unwrap()]));
            }
            Operator::CallIndirect { type_index, table_index } => {
                return self.indirect(*type_index, *table_index).map(Next::Call).map_err(trap);
            }
            Operator::Drop => {
                self.stack.pop();
            }
            Operator::Select | Operator::TypedSelect { .. } => {
                let (condition, second, first) = (self.stack.pop_u32(), self.stack.pop(), self.stack.pop());
                self.stack.push(if condition == 0 { second } else { first });
            }
            other => self.data(other)?.map_err(trap)?,
        }
        Ok(Next::Forward)
    }

    fn arity(&mut self, of_type: BlockType) -> (usize, usize) {
        match of_type {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let instance = self.instance();
                let of_type = &self.store.types[self.store.instances[instance].types[usize::try_from(index).unwrap()]];
                (of_type.params().len(), of_type.results().len())
            }
        }
    }

    fn open(&mut self, to: usize, parameters: usize, kept: usize) {
        let height = self.stack.slots.len() - parameters;
        self.labels.push(Label { to, kept, height });
    }

    fn if_(&mut self, body: &Body<'a>, at: usize, of_type: BlockType) -> Next {
        let condition = self.stack.pop_u32();
        let (parameters, results) = self.arity(of_type);
        self.open(body.ends[at] + 1, parameters, results);
        if condition != 0 {
            return Next::Forward;
        }
        match body.elses[at] {
            Some(otherwise) => Next::At(otherwise + 1),
            // Without an `else` the parameters are the results.
            None => self.branch(0),
        }
    }

    /// Goes to a label, from within or from the end of the arm before an `else`.
    fn branch(&mut self, depth: u32) -> Next {
        let below = self.frame().labels;
        let Some(at) = (self.labels.len() - below).checked_sub(1 + usize::try_from(depth).unwrap()) else {
            return Next::Return;
        };
        let at = below + at;
        let Label { to, kept, height } = self.labels[at];
        // A loop's label stays open, any other is left.
        let body = Rc::clone(&self.frame().body);
        let is_loop = matches!(body.operators.get(to - 1), Some(Operator::Loop { .. }));
        self.labels.truncate(if is_loop { at + 1 } else { at });
        self.stack.unwind(height, kept);
        Next::At(to)
    }

    fn indirect(&mut self, type_index: u32, table_index: u32) -> Result<usize, TrapKind> {
        let (table, instance, index) = (self.table(table_index), self.instance(), self.stack.pop_u32());
        let slot = self.store.tables[table].get(index)?;
        let function = slot.checked_sub(1).ok_or(TrapKind::IndirectCallToNull)?;
        let function = usize::try_from(low(function)).unwrap();
        let wanted = self.store.instances[instance].types[usize::try_from(type_index).unwrap()];
        if self.store.functions[function].of_type == wanted { Ok(function) } else { Err(TrapKind::IndirectCallTypeMismatch) }
    }
}
