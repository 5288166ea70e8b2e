//! Makes a slug for an address out of a title: {"title": "Crème brûlée, à la carte"} → {"slug": "creme-brulee-a-la-carte"}.

const std = @import("std");

const gpa = std.heap.wasm_allocator;

extern "env" fn host_log(level: u32, text: [*]const u8, len: usize) void;

/// Without this, a panic is a bare `unreachable`: with it, its message is a log line before the trap.
pub const panic = std.debug.FullPanic(logPanic);

fn logPanic(message: []const u8, _: ?usize) noreturn {
    host_log(4, message.ptr, message.len);
    @trap();
}

export fn alloc(len: usize) ?[*]u8 {
    const buffer = gpa.alloc(u8, len) catch return null;
    return buffer.ptr;
}

export fn dealloc(ptr: [*]u8, len: usize) void {
    gpa.free(ptr[0..len]);
}

export fn execute(input: [*:0]const u8) ?[*:0]const u8 {
    return answer(std.mem.span(input)) catch |problem| switch (problem) {
        error.OutOfMemory => null,
        else => "{\"error\": \"give a title: {\\\"title\\\": \\\"…\\\"}\"}",
    };
}

const Input = struct { title: []const u8, longest: usize = 60 };

fn answer(document: []const u8) ![*:0]const u8 {
    const input = try std.json.parseFromSlice(Input, gpa, document, .{ .ignore_unknown_fields = true });
    const slug = try slugify(input.value.title, input.value.longest);
    const output = try std.json.Stringify.valueAlloc(gpa, .{ .slug = slug }, .{});
    return try gpa.dupeSentinel(u8, output, 0);
}

fn slugify(title: []const u8, longest: usize) ![]const u8 {
    var slug: std.ArrayList(u8) = .empty;
    var end_of_word: usize = 0;
    var characters = (try std.unicode.Utf8View.init(title)).iterator();
    while (characters.nextCodepoint()) |character| {
        const letters = plain(character) orelse {
            end_of_word = slug.items.len;
            continue;
        };
        const begins_word = end_of_word > 0 and end_of_word == slug.items.len;
        if (begins_word) try slug.append(gpa, '-');
        try slug.appendSlice(gpa, letters);
        if (slug.items.len > longest) {
            slug.items.len = if (end_of_word > 0) end_of_word else longest;
            break;
        }
    }
    return slug.items;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";

/// The plain lower-case letters in place of a character; null where it separates words.
fn plain(character: u21) ?[]const u8 {
    return switch (character) {
        'a'...'z' => |letter| alphabet[letter - 'a' ..][0..1],
        'A'...'Z' => |letter| alphabet[letter - 'A' ..][0..1],
        '0'...'9' => |digit| digits[digit - '0' ..][0..1],
        '\'', '’' => "",
        'À'...'Å', 'à'...'å' => "a",
        'Æ', 'æ' => "ae",
        'Ç', 'ç' => "c",
        'È'...'Ë', 'è'...'ë' => "e",
        'Ì'...'Ï', 'ì'...'ï' => "i",
        'Ñ', 'ñ' => "n",
        'Ò'...'Ö', 'Ø', 'ò'...'ö', 'ø' => "o",
        'Œ', 'œ' => "oe",
        'Ù'...'Ü', 'ù'...'ü' => "u",
        'Ý', 'ý', 'ÿ' => "y",
        'ß' => "ss",
        else => null,
    };
}
