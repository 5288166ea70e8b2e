//! From a saved module to its result on the screen: the file is written as editors do it, and what the new version answers is waited for.

use crate::table::{Row, ms, quantile};
use crate::workspace::{Effort, Workspace};
use std::time::{Duration, Instant};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};

/// Sizes of modules in bytes, with the time that each may take.
const SIZES: [(&str, usize, Duration); 3] = [
    ("20 KB", 20_000, Duration::from_millis(50)),
    ("1 MB", 1_000_000, Duration::from_millis(150)),
    ("10 MB", 10_000_000, Duration::from_millis(1_500)),
];

pub fn measure(effort: Effort) -> Vec<Row> {
    let sizes = SIZES.into_iter().take(effort.of(1, 3));
    sizes.map(|(name, bytes, reach)| one_size(effort, name, bytes, reach)).collect()
}

fn one_size(effort: Effort, name: &str, bytes: usize, reach: Duration) -> Row {
    let workspace = Workspace::new();
    // Each making has versions of its own, or they would be in the cache.
    let making = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    workspace.save("skill.wasm", &module(bytes, &format!("{making}-0")));
    let screen = workspace.open_on("skill", &["--timeout", "10m"]);
    screen.press("3R");
    screen.until("the first result is shown", |text| text.contains(&format!("{making}-0")));
    let mut samples = Vec::new();
    let saves = if bytes > 5_000_000 { 12 } else { effort.of(2, 20) };
    for version in 1..=saves {
        // What Cranelift compiles behind the last one is not in the way of an author who thinks between two saves.
        std::thread::sleep(Duration::from_millis(if bytes > 5_000_000 { effort.of(0, 5_000) } else { effort.of(200, 1_200) }));
        let result = format!("{making}-{version}");
        let module = module(bytes, &result);
        let saved = Instant::now();
        workspace.save("skill.wasm", &module);
        screen.until("the new result is shown", |text| text.contains(&result));
        samples.push(saved.elapsed());
    }
    screen.press("q");
    let (median, worst) = (quantile(&mut samples, 0.5), quantile(&mut samples, 1.0));
    let mut row = Row::time(format!("save to result on the screen, {name}"), median, reach);
    row.measured = format!("{}, longest {}", ms(median), ms(worst));
    row
}

/// A d04 skill of about this size that answers with a text: as many functions as it takes, each of a few hundred bytes, none like another.
fn module(bytes: usize, answer: &str) -> Vec<u8> {
    let fillers = u32::try_from(bytes / FILLER_BYTES).unwrap().max(1);
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32, ValType::I32], []);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1).function(0);
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("alloc", ExportKind::Func, 0).export("dealloc", ExportKind::Func, 1).export("execute", ExportKind::Func, 2);
    let mut code = CodeSection::new();
    let alloc = body(|i| {
        i.i32_const(4096);
    });
    let execute = body(|i| {
        i.local_get(0).call(3).drop().i32_const(64);
    });
    code.function(&alloc).function(&body(|_| {})).function(&execute);
    for number in 0..fillers {
        functions.function(0);
        code.function(&filler(number, fillers));
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(64), format!("\"{answer}\"\0").into_bytes());
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports).section(&code).section(&data);
    module.finish()
}

/// What a filler takes in the module, about.
const FILLER_BYTES: usize = 230;

fn body(make: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    make(&mut function.instructions());
    function.instructions().end();
    function
}

/// A loop with arithmetic, loads, a branch, and a call of a later function that is taken only where the argument says so.
fn filler(number: u32, count: u32) -> Function {
    let mut function = Function::new([(2, ValType::I32)]);
    let i = &mut function.instructions();
    let own = i32::try_from(number).unwrap();
    i.local_get(0).i32_const(7).i32_and().local_set(1);
    i.loop_(wasm_encoder::BlockType::Empty);
    for step in 0..12 {
        i.local_get(2).local_get(0).i32_add().i32_const(own.wrapping_mul(2_654_435).wrapping_add(step)).i32_xor();
        i.i32_const(step).i32_rotl().local_set(2);
    }
    i.local_get(1).i32_const(1).i32_sub().local_tee(1).i32_const(0).i32_gt_s().br_if(0).end();
    if number + 1 < count {
        i.local_get(0).i32_const(-1).i32_eq().if_(wasm_encoder::BlockType::Empty);
        i.local_get(2).call(3 + number + 1).local_set(2).end();
    }
    i.local_get(2).end();
    function
}
