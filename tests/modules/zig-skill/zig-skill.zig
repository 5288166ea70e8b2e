//! A d04 skill round Zig's standard library (hash map, JSON reader and writer, wasm allocator), freestanding and without any import:
//! a JSON array of numbers in, how often each occurs out.

const std = @import("std");
const gpa = std.heap.wasm_allocator;

export fn alloc(len: usize) ?[*]u8 {
    const buffer = gpa.alloc(u8, len) catch return null;
    return buffer.ptr;
}

export fn dealloc(ptr: [*]u8, len: usize) void {
    gpa.free(ptr[0..len]);
}

export fn execute(input: [*:0]const u8) ?[*:0]const u8 {
    return tally(std.mem.span(input)) catch |problem| @errorName(problem);
}

fn tally(input: []const u8) ![*:0]const u8 {
    const parsed = try std.json.parseFromSlice([]i64, gpa, input, .{});
    var counts: std.AutoArrayHashMapUnmanaged(i64, usize) = .empty;
    for (parsed.value) |number| {
        const entry = try counts.getOrPutValue(gpa, number, 0);
        entry.value_ptr.* += 1;
    }
    var output: std.Io.Writer.Allocating = .init(gpa);
    try output.writer.writeAll("{");
    for (counts.keys(), counts.values(), 0..) |number, count, i| {
        try output.writer.print("{s}\"{d}\": {d}", .{ if (i == 0) "" else ", ", number, count });
    }
    try output.writer.writeAll("}");
    return (try output.toOwnedSliceSentinel(0)).ptr;
}
