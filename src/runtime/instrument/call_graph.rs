//! Who may call whom, and from that: the functions whose entry must be tested so that no recursion goes unseen.
//!
//! A walk in depth finds every call that leads back to a function that is still being walked. The functions that such calls
//! reach are tested at entry; without them no circle is left, so callees can be looked at before their callers. Where such a call goes
//! through a table, any function of the type may be reached, and those are tested that lead back to the call.

use super::instruction::index;
use super::mark::{FunctionBody, Mark, MarkKind};
use super::signature::Signatures;

/// The exports that the host itself calls inside a host call, for `host_alloc` and `host_free`.
const CALLED_BY_HOST_FUNCTIONS: [&str; 4] = ["alloc", "dealloc", "malloc", "free"];

/// Something that can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    /// A function of the module, counted without the imported ones.
    Function(usize),
    /// Any function of a type, through a table.
    AnyOfType(usize),
    /// Any imported function, which may call back.
    Host,
}

/// What may be called through a table, and by the host.
#[derive(Debug)]
pub(super) struct Reachable {
    imported: usize,
    type_of: Vec<u32>,
    /// Functions (without the imported ones) by the class of their type.
    by_type: Vec<Vec<usize>>,
    known: Vec<bool>,
    by_host: Vec<usize>,
    /// Imported functions whose references may get into a table.
    imports: Vec<u32>,
}

impl Reachable {
    /// Nothing yet, of a module with so many imported functions and with own functions of these types.
    pub(super) fn new(imported: usize, type_of: Vec<u32>, signatures: &Signatures) -> Self {
        let known = vec![false; type_of.len()];
        Self {
            imported,
            type_of,
            by_type: vec![Vec::new(); signatures.classes()],
            known,
            by_host: Vec::new(),
            imports: Vec::new(),
        }
    }

    /// A function, by its index in the original module, whose reference may get into a table.
    pub(super) fn add_reference(&mut self, function: u32, signatures: &Signatures) {
        let Some(own) = index(function).checked_sub(self.imported) else {
            self.imports.push(function);
            return;
        };
        let class = self.type_of.get(own).and_then(|of_type| signatures.class(*of_type));
        if let Some(known) = self.known.get_mut(own)
            && !std::mem::replace(known, true)
            && let Some(functions) = class.and_then(|class| self.by_type.get_mut(class))
        {
            functions.push(own);
        }
    }

    /// A function that is exported under a name.
    pub(super) fn add_export(&mut self, name: &str, function: u32, signatures: &Signatures) {
        if index(function) >= self.imported {
            self.add_reference(function, signatures);
        }
        if CALLED_BY_HOST_FUNCTIONS.contains(&name)
            && let Some(own) = index(function).checked_sub(self.imported)
        {
            self.by_host.push(own);
        }
    }

    /// The imported functions whose references may get into a table; some more than once.
    pub(super) fn imports(&self) -> &[u32] {
        &self.imports
    }

    /// What a mark calls, if it is a call.
    pub(super) fn callee(&self, mark: &Mark, signatures: &Signatures) -> Option<Callee> {
        if !mark.live {
            return None;
        }
        match mark.kind {
            MarkKind::Call(function) => Some(index(function).checked_sub(self.imported).map_or(Callee::Host, Callee::Function)),
            MarkKind::CallIndirect(of_type) => signatures.class(of_type).map(Callee::AnyOfType),
            _ => None,
        }
    }

    /// The functions that a callee which is no function stands for.
    pub(super) fn members(&self, callee: Callee) -> &[usize] {
        match callee {
            Callee::Function(_) => &[],
            Callee::AnyOfType(class) => self.by_type.get(class).map_or(&[], Vec::as_slice),
            Callee::Host => &self.by_host,
        }
    }
}

/// The outcome of the walk.
#[derive(Debug)]
pub(super) struct CallOrder {
    /// Every callee, in circles of those that lead to each other, each circle after all others that it calls; in it, too, callees come
    /// first, except where a call leads back to a function tested at entry.
    pub(super) callees_first: Vec<Vec<Callee>>,
    /// By function: whether it is tested at entry.
    pub(super) tested: Vec<bool>,
    /// How many classes of types there are.
    pub(super) types: usize,
}

/// Walks the call graph.
pub(super) fn walk(bodies: &[FunctionBody], marks: &[Mark], reachable: &Reachable, signatures: &Signatures) -> CallOrder {
    let nodes = Nodes { functions: bodies.len(), types: signatures.classes() };
    let mut walk = Walk {
        bodies,
        marks,
        reachable,
        signatures,
        nodes,
        states: vec![State::New; nodes.count()],
        path: Vec::new(),
        back: vec![false; nodes.count()],
        finished: vec![0; nodes.count()],
        next_finished: 0,
        circles: Vec::new(),
        found: vec![0; nodes.count()],
        highest: vec![0; nodes.count()],
        next_found: 0,
        open: Vec::new(),
        circle: vec![usize::MAX; nodes.count()],
    };
    for function in 0..bodies.len() {
        walk.from(Callee::Function(function));
    }
    walk.finish()
}

#[derive(Clone, Copy)]
struct Nodes {
    functions: usize,
    types: usize,
}

impl Nodes {
    const fn count(self) -> usize {
        self.functions + self.types + 1
    }

    const fn number(self, callee: Callee) -> usize {
        match callee {
            Callee::Function(function) => function,
            Callee::AnyOfType(class) => self.functions + class,
            Callee::Host => self.functions + self.types,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnPath,
    Done,
}

struct Walk<'w> {
    bodies: &'w [FunctionBody],
    marks: &'w [Mark],
    reachable: &'w Reachable,
    signatures: &'w Signatures,
    nodes: Nodes,
    states: Vec<State>,
    /// The callees on the way, each with how many of its marks or members were looked at.
    path: Vec<(Callee, usize)>,
    /// The callees that are called from below themselves.
    back: Vec<bool>,
    /// When the walk below each callee was finished.
    finished: Vec<usize>,
    next_finished: usize,
    circles: Vec<Vec<Callee>>,
    /// When each callee was found.
    found: Vec<usize>,
    /// When the earliest found one of the callees was found that it leads back to.
    highest: Vec<usize>,
    next_found: usize,
    /// Callees whose circle is not known yet, in the order in which they were found.
    open: Vec<Callee>,
    /// The circle in which each callee is: those that lead to each other have the same.
    circle: Vec<usize>,
}

impl Walk<'_> {
    fn from(&mut self, root: Callee) {
        self.enter(root);
        while let Some((callee, position)) = self.path.last_mut() {
            let callee = *callee;
            match next_called(self.bodies, self.marks, self.reachable, self.signatures, callee, position) {
                Some(called) => self.enter(called),
                None => self.leave(callee),
            }
        }
    }

    fn enter(&mut self, callee: Callee) {
        let number = self.nodes.number(callee);
        match self.states.get(number) {
            Some(State::New) => {
                self.set_state(callee, State::OnPath);
                self.path.push((callee, 0));
                set(&mut self.found, number, self.next_found);
                set(&mut self.highest, number, self.next_found);
                self.next_found += 1;
                self.open.push(callee);
            }
            Some(State::OnPath) => {
                set(&mut self.back, number, true);
                self.leads_back_to(self.found.get(number).copied());
            }
            Some(State::Done) => {
                let is_open = self.circle.get(number) == Some(&usize::MAX);
                self.leads_back_to(self.found.get(number).copied().filter(|_| is_open));
            }
            None => {}
        }
    }

    fn leave(&mut self, callee: Callee) {
        self.path.pop();
        self.set_state(callee, State::Done);
        let number = self.nodes.number(callee);
        set(&mut self.finished, number, self.next_finished);
        self.next_finished += 1;
        let highest = self.highest.get(number).copied();
        if highest == self.found.get(number).copied() {
            self.close_circle(callee);
        } else {
            self.leads_back_to(highest);
        }
    }

    /// All that were found since the callee `first`, and are in no circle yet, are in one with it.
    fn close_circle(&mut self, first: Callee) {
        let mut circle = Vec::new();
        while let Some(member) = self.open.pop() {
            set(&mut self.circle, self.nodes.number(member), self.circles.len());
            circle.push(member);
            if member == first {
                break;
            }
        }
        circle.sort_unstable_by_key(|member| self.finished.get(self.nodes.number(*member)).copied());
        self.circles.push(circle);
    }

    /// The callee that is being walked leads to one that was found as the so-manieth.
    fn leads_back_to(&mut self, found: Option<usize>) {
        if let (Some(found), Some((callee, _))) = (found, self.path.last())
            && let Some(highest) = self.highest.get_mut(self.nodes.number(*callee))
        {
            *highest = found.min(*highest);
        }
    }

    fn set_state(&mut self, callee: Callee, state: State) {
        set(&mut self.states, self.nodes.number(callee), state);
    }

    fn finish(self) -> CallOrder {
        let is_back = |callee| self.back.get(self.nodes.number(callee)).copied().unwrap_or(false);
        let mut tested: Vec<bool> = (0..self.nodes.functions).map(|function| is_back(Callee::Function(function))).collect();
        let groups = (0..self.nodes.types).map(Callee::AnyOfType).chain([Callee::Host]);
        for group in groups.filter(|group| is_back(*group)) {
            let circle = self.circle.get(self.nodes.number(group));
            for member in self.reachable.members(group) {
                if self.circle.get(*member) == circle {
                    set(&mut tested, *member, true);
                }
            }
        }
        CallOrder { callees_first: self.circles, tested, types: self.nodes.types }
    }
}

fn set<T>(values: &mut [T], position: usize, value: T) {
    if let Some(slot) = values.get_mut(position) {
        *slot = value;
    }
}

/// The next callee behind `position`, which moves on.
fn next_called(
    bodies: &[FunctionBody],
    marks: &[Mark],
    reachable: &Reachable,
    signatures: &Signatures,
    callee: Callee,
    position: &mut usize,
) -> Option<Callee> {
    let Callee::Function(function) = callee else {
        let member = reachable.members(callee).get(*position)?;
        *position += 1;
        return Some(Callee::Function(*member));
    };
    let own_marks = bodies.get(function)?.of_its_marks(marks);
    while let Some(mark) = own_marks.get(*position) {
        *position += 1;
        if let Some(called) = reachable.callee(mark, signatures) {
            return Some(called);
        }
    }
    None
}
