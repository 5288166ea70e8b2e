//! A call of WASI that is answered from a record: the recorded errno, what it wrote, and what it printed.

use super::call::Answer;
use super::inputs;
use super::outputs::{Arguments32, Output, buffers, outputs_of, size};
use crate::event::{GuestWrite, RunEvent, WasiCall};
use crate::host::replay::Printed;
use crate::host::{HostState, Stop};

/// A recorded answer has no room in what the guest offers.
struct NoRoom;

/// Answers a call, where the record has the same one next.
pub(super) fn answer(state: &mut HostState, name: &str, arguments: &[i64], memory: &mut [u8]) -> Result<Answer, Stop> {
    // Whoever makes the call has looked that there is one.
    let Some(replay) = &mut state.replay else { return Ok(Answer::of(0)) };
    let by_address = replay.is_same_module();
    let reads = inputs::read(name, arguments, memory);
    let recorded =
        replay.wasi_call(name, arguments, &reads, |recorded| inputs::difference_from(recorded, arguments, &reads, by_address))?;
    let written = if by_address {
        recorded.call.writes.iter().try_for_each(|write| put(memory, write.ptr, write.bytes.as_bytes()))
    } else {
        write_elsewhere(&recorded.call, arguments, memory)
    };
    if written.is_err() {
        return Err(replay.no_room(recorded.call, arguments, &reads));
    }
    for (stream, bytes) in recorded.printed {
        match stream {
            Printed::Stdout => {
                state.stdout.extend_from_slice(bytes.as_bytes());
                state.sink.emit(RunEvent::Stdout { bytes });
            }
            Printed::Stderr => state.sink.emit(RunEvent::Stderr { bytes }),
        }
    }
    Ok(Answer::of(recorded.call.errno.unwrap_or_default()))
}

fn put(memory: &mut [u8], ptr: u32, bytes: &[u8]) -> Result<(), NoRoom> {
    let place = memory.get_mut(size(ptr)..size(ptr).saturating_add(bytes.len())).ok_or(NoRoom)?;
    place.copy_from_slice(bytes);
    Ok(())
}

/// Writes what a call of another module wrote to where this one wants it. A call that failed wrote nothing that matters.
fn write_elsewhere(recorded: &WasiCall, arguments: &[i64], memory: &mut [u8]) -> Result<(), NoRoom> {
    if recorded.errno != Some(0) {
        return Ok(());
    }
    let (before, now) = (Arguments32(&recorded.arguments), Arguments32(arguments));
    let outputs = outputs_of(&recorded.name);
    let mut pieces = &*recorded.writes;
    for (at, output) in outputs.iter().enumerate() {
        // Each output that follows has a piece of its own.
        let following = outputs.len() - at - 1;
        match *output {
            Output::Fixed(ptr, _) => place_one(&mut pieces, before.get(ptr), now.get(ptr), u32::MAX, memory)?,
            Output::Buffer(ptr, length)
            | Output::DirectoryName(ptr, length)
            | Output::Begun(ptr, length, _)
            | Output::BegunPartly(ptr, length, _) => {
                place_one(&mut pieces, before.get(ptr), now.get(ptr), now.get(length), memory)?;
            }
            Output::Events(ptr, ..) => {
                let events = now.get(ptr);
                place_one(&mut pieces, before.get(ptr), events, u32::MAX, memory)?;
                // The one event bears what its one subscription is known by.
                if now.get(2) == 1
                    && let Some(known_by) = memory.get(size(now.get(0))..).and_then(|bytes| bytes.first_chunk::<8>()).copied()
                {
                    put(memory, events, &known_by)?;
                }
            }
            Output::Buffers(list, count, _) => {
                let filled = pieces.len().saturating_sub(following);
                let (own, rest) = pieces.split_at_checked(filled).unwrap_or((pieces, &[]));
                pieces = rest;
                let bytes: Vec<u8> = own.iter().flat_map(|piece| piece.bytes.as_bytes()).copied().collect();
                scatter(&bytes, now.get(list), now.get(count), memory)?;
            }
            // These are given anew.
            Output::Arguments(..) | Output::Environment(..) => {}
        }
    }
    Ok(())
}

/// Writes the next piece, where it is the one that was written there.
fn place_one(pieces: &mut &[GuestWrite], before: u32, now: u32, room: u32, memory: &mut [u8]) -> Result<(), NoRoom> {
    let Some((piece, rest)) = pieces.split_first().filter(|(piece, _)| piece.ptr == before) else { return Ok(()) };
    *pieces = rest;
    if piece.bytes.len() > size(room) {
        return Err(NoRoom);
    }
    put(memory, now, piece.bytes.as_bytes())
}

/// Fills the buffers of a list, one after another.
fn scatter(mut bytes: &[u8], list: u32, count: u32, memory: &mut [u8]) -> Result<(), NoRoom> {
    let ranges: Vec<(u32, u32)> = buffers(memory, list, count).collect();
    for (ptr, length) in ranges {
        let (own, rest) = bytes.split_at_checked(size(length)).unwrap_or((bytes, &[]));
        put(memory, ptr, own)?;
        bytes = rest;
    }
    if bytes.is_empty() { Ok(()) } else { Err(NoRoom) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Payload;

    fn read_call(writes: &[(u32, &[u8])]) -> WasiCall {
        let writes = writes.iter().map(|(ptr, bytes)| GuestWrite { ptr: *ptr, bytes: Payload::from(*bytes) }).collect();
        WasiCall { name: "fd_read".into(), arguments: vec![4, 100, 2, 90], errno: Some(0), writes, ..WasiCall::default() }
    }

    #[test]
    fn what_was_read_goes_into_the_buffers_that_are_offered_now() {
        let recorded = read_call(&[(10, b"abc"), (20, b"de"), (90, &[5, 0, 0, 0])]);
        let mut memory = vec![0; 64];
        // One buffer of eight bytes at 40, in a list at 8; the cell at 16.
        memory[8..16].copy_from_slice(&[40, 0, 0, 0, 8, 0, 0, 0]);
        assert!(write_elsewhere(&recorded, &[4, 8, 1, 16], &mut memory).is_ok());
        assert_eq!((&memory[40..46], &memory[16..20]), (&b"abcde\0"[..], &[5, 0, 0, 0][..]));
        memory[12] = 4;
        assert!(write_elsewhere(&recorded, &[4, 8, 1, 16], &mut memory).is_err(), "four bytes are too few");
        let end = read_call(&[(90, &[0; 4])]);
        assert!(write_elsewhere(&end, &[4, 8, 1, 16], &mut memory).is_ok());
        assert_eq!(memory[16..20], [0; 4]);
    }

    #[test]
    fn nothing_is_written_outside_memory() {
        assert!(write_elsewhere(&read_call(&[(90, &[0; 4])]), &[4, 0, 0, 62], &mut [0; 64]).is_err());
        assert!(put(&mut [0; 4], u32::MAX, b"x").is_err());
    }
}
