//! What one call may move at most, so that neither memory nor a deadline depends on what a guest asks for.
//!
//! A read or write may always do less than it was asked for; guests call again for the rest.

use std::io::{IoSlice, IoSliceMut};
use wasi_common::WasiCtx;
use wasi_common::snapshots::preview_1::wasi_snapshot_preview1 as preview1;
use wiggle::{GuestMemory, anyhow};

/// How many buffers one call uses, as on other systems; further ones count as not reached.
pub(super) const MAX_BUFFERS: i32 = 1024;

/// The first buffers, together at most `limit` bytes.
pub(super) fn up_to<'a>(limit: usize, buffers: &'a [IoSlice<'_>]) -> Vec<IoSlice<'a>> {
    let mut left = limit;
    let mut taken = Vec::new();
    for buffer in buffers.iter().filter(|buffer| !buffer.is_empty()) {
        if left == 0 {
            break;
        }
        let part = buffer.get(..left).unwrap_or(buffer);
        left -= part.len();
        taken.push(IoSlice::new(part));
    }
    taken
}

/// The first buffer that has room, cut to at most `limit` bytes.
pub(super) fn first_up_to<'a>(limit: usize, buffers: &'a mut [IoSliceMut<'_>]) -> IoSliceMut<'a> {
    let buffer: &'a mut [u8] = buffers.iter_mut().find(|buffer| !buffer.is_empty()).map_or(&mut [], |buffer| &mut **buffer);
    let length = buffer.len().min(limit);
    IoSliceMut::new(buffer.split_at_mut(length).0)
}

fn buffers(count: i32) -> i32 {
    // The count is unsigned: a negative one is large.
    if (0..=MAX_BUFFERS).contains(&count) { count } else { MAX_BUFFERS }
}

macro_rules! with_bounded_buffers {
    ($($name:ident($fd:ident, $list:ident, $count:ident $(, $more:ident: $type:ty)*);)*) => {
        $(
            #[allow(clippy::too_many_arguments, reason = "as many as WASI's own function has")]
            pub(super) async fn $name(
                context: &mut WasiCtx,
                memory: &mut GuestMemory<'_>,
                $fd: i32,
                $list: i32,
                $count: i32,
                $($more: $type),*
            ) -> anyhow::Result<i32> {
                preview1::$name(context, memory, $fd, $list, buffers($count), $($more),*).await
            }
        )*
    };
}

with_bounded_buffers! {
    fd_read(fd, list, count, size: i32);
    fd_pread(fd, list, count, offset: i64, size: i32);
    fd_write(fd, list, count, size: i32);
    fd_pwrite(fd, list, count, offset: i64, size: i32);
    sock_recv(fd, list, count, flags: i32, size: i32, out_flags: i32);
    sock_send(fd, list, count, flags: i32, size: i32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_buffers_are_cut_to_the_limit() {
        let page = [7_u8; 100];
        let buffers: Vec<_> = (0..50).map(|_| IoSlice::new(&page)).collect();
        let lengths: Vec<_> = up_to(250, &buffers).iter().map(|buffer| buffer.len()).collect();
        assert_eq!(lengths, [100, 100, 50]);
        assert!(up_to(0, &buffers).is_empty());
        assert_eq!(up_to(usize::MAX, &buffers).len(), 50);
    }

    #[test]
    fn a_count_of_buffers_is_unsigned_and_bounded() {
        assert_eq!([0, 1, 1024, 1025, i32::MAX, -1].map(buffers), [0, 1, 1024, 1024, 1024, 1024]);
    }
}
