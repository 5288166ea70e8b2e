//! The little of WASI preview 1 that the programs need, without an engine: stdin from bytes, stdout into bytes, no files. Every
//! engine but skillscope, which has its own, gets it, so that none pays more than the others for its host calls.

/// A program's exit, as the error that ends it.
#[derive(Clone, Copy, Debug)]
pub struct Exit(pub u32);

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit status {}", self.0)
    }
}

impl std::error::Error for Exit {}

const OK: u32 = 0;
const BADF: u32 = 8;
const NOSYS: u32 = 52;
const SPIPE: u32 = 70;

/// The host's side of one run.
#[derive(Debug, Default)]
pub struct Guest {
    /// What is read from stdin.
    pub input: Vec<u8>,
    read: usize,
    /// What was written to stdout.
    pub output: Vec<u8>,
    clock_ns: u64,
}

impl Guest {
    pub fn new(input: Vec<u8>) -> Self {
        Self { input, ..Self::default() }
    }

    /// Calls a function of WASI by its name; what it returns, or the program's exit.
    pub fn call(&mut self, function: &str, arguments: &[u64], memory: &mut [u8]) -> Result<u32, Exit> {
        let argument = |at: usize| arguments[at] as u32;
        Ok(match function {
            "proc_exit" => return Err(Exit(argument(0))),
            "fd_read" if argument(0) == 0 => self.read(memory, argument(1), argument(2), argument(3)),
            "fd_write" if argument(0) < 3 => self.write(memory, argument(0), argument(1), argument(2), argument(3)),
            "fd_fdstat_get" if argument(0) < 3 => {
                const CHARACTER_DEVICE: u8 = 2;
                let at = argument(1) as usize;
                memory[at..at + 24].fill(0);
                memory[at] = CHARACTER_DEVICE;
                memory[at + 8..at + 24].fill(0xff);
                OK
            }
            "fd_fdstat_set_flags" | "sched_yield" | "environ_get" => OK,
            "environ_sizes_get" => {
                put(memory, argument(0), 0);
                put(memory, argument(1), 0)
            }
            "args_sizes_get" => {
                put(memory, argument(0), 1);
                put(memory, argument(1), 8)
            }
            "args_get" => {
                put(memory, argument(0), argument(1));
                let at = argument(1) as usize;
                memory[at..at + 8].copy_from_slice(b"program\0");
                OK
            }
            "random_get" => {
                let (at, len) = (argument(0) as usize, argument(1) as usize);
                memory[at..at + len].iter_mut().zip(0_u8..).for_each(|(byte, number)| *byte = number.wrapping_mul(151));
                OK
            }
            "clock_time_get" => {
                self.clock_ns += 1000;
                let at = argument(2) as usize;
                memory[at..at + 8].copy_from_slice(&self.clock_ns.to_le_bytes());
                OK
            }
            "poll_oneoff" => self.poll(memory, argument(0), argument(1), argument(2), argument(3)),
            "fd_seek" if argument(0) < 3 => SPIPE,
            "fd_prestat_get" | "fd_prestat_dir_name" | "fd_close" | "fd_seek" | "fd_read" | "fd_write" | "fd_fdstat_get" => BADF,
            _ => NOSYS,
        })
    }

    fn read(&mut self, memory: &mut [u8], vectors: u32, count: u32, result: u32) -> u32 {
        let mut total = 0;
        for vector in 0..count {
            let (at, len) = vector_at(memory, vectors, vector);
            let chunk = &self.input[self.read..(self.read + len).min(self.input.len())];
            memory[at..at + chunk.len()].copy_from_slice(chunk);
            self.read += chunk.len();
            total += chunk.len() as u32;
        }
        put(memory, result, total)
    }

    fn write(&mut self, memory: &mut [u8], file: u32, vectors: u32, count: u32, result: u32) -> u32 {
        let mut total = 0;
        for vector in 0..count {
            let (at, len) = vector_at(memory, vectors, vector);
            if file == 1 {
                self.output.extend_from_slice(&memory[at..at + len]);
            }
            total += len as u32;
        }
        put(memory, result, total)
    }

    /// Every wait is over at once.
    fn poll(&mut self, memory: &mut [u8], subscriptions: u32, events: u32, count: u32, result: u32) -> u32 {
        const SUBSCRIPTION: usize = 48;
        const EVENT: usize = 32;
        for number in 0..count as usize {
            let (from, to) = (subscriptions as usize + number * SUBSCRIPTION, events as usize + number * EVENT);
            memory[to..to + EVENT].fill(0);
            memory.copy_within(from..from + 8, to);
            memory[to + 10] = memory[from + 8];
        }
        self.clock_ns += 1_000_000;
        put(memory, result, count)
    }
}

fn vector_at(memory: &[u8], vectors: u32, number: u32) -> (usize, usize) {
    let at = vectors as usize + number as usize * 8;
    let word = |at: usize| u32::from_le_bytes([memory[at], memory[at + 1], memory[at + 2], memory[at + 3]]) as usize;
    (word(at), word(at + 4))
}

fn put(memory: &mut [u8], at: u32, value: u32) -> u32 {
    memory[at as usize..at as usize + 4].copy_from_slice(&value.to_le_bytes());
    OK
}
