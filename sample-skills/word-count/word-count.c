// Counts the words of a text: {"text": "…"} or just "…". A d04 skill in C without a C library.

typedef unsigned char byte;
typedef unsigned long size;

__attribute__((import_module("env"), import_name("host_log"))) void host_log(int level, const char *text, size length);

#define EXPORT(name) __attribute__((export_name(name), visibility("default")))

// ---- Memory: a bump allocator above the stack and the data. It frees nothing: an instance lives for one run.

extern byte __heap_base;
static byte *next_free = &__heap_base;

static int memory_reaches(byte *end) {
    size pages = __builtin_wasm_memory_size(0), wanted = ((size)end + 0xffff) >> 16;
    return wanted <= pages || __builtin_wasm_memory_grow(0, wanted - pages) != (size)-1;
}

EXPORT("alloc") byte *alloc(size length) {
    byte *start = next_free, *end = start + ((length + 7) & ~(size)7);
    if (end < start || !memory_reaches(end)) return 0; // out of memory, in the words of the ABI
    next_free = end;
    return start;
}

EXPORT("dealloc") void dealloc(byte *pointer, size length) {
    (void)pointer, (void)length;
}

// ---- The text: a JSON string that is decoded in place.

static int hex(byte digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Writes a character of the Basic Multilingual Plane as UTF-8; the halves of a surrogate pair count as two characters.
static byte *write_utf8(byte *to, int character) {
    if (character < 0x80) {
        *to++ = (byte)character;
    } else if (character < 0x800) {
        *to++ = (byte)(0xc0 | character >> 6);
        *to++ = (byte)(0x80 | (character & 0x3f));
    } else {
        *to++ = (byte)(0xe0 | character >> 12);
        *to++ = (byte)(0x80 | (character >> 6 & 0x3f));
        *to++ = (byte)(0x80 | (character & 0x3f));
    }
    return to;
}

// Decodes the JSON string whose first character (after the quote) is at `from`, in place; returns its end, or null.
static byte *decode_string(byte *from) {
    byte *to = from;
    while (*from != '"') {
        if (*from == 0) return 0;
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        int character = 0;
        switch (*++from) {
        case 'n': character = '\n'; break;
        case 't': character = '\t'; break;
        case 'r': character = '\r'; break;
        case 'b': character = '\b'; break;
        case 'f': character = '\f'; break;
        case 'u':
            for (int i = 0; i < 4; i++) {
                int digit = hex(*++from);
                if (digit < 0) return 0;
                character = character << 4 | digit;
            }
            break;
        case 0: return 0;
        default: character = *from;
        }
        from++;
        to = write_utf8(to, character);
    }
    return to;
}

static byte *skip_space(byte *at) {
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++;
    return at;
}

static byte *skip_word(byte *at, const char *word) {
    while (*word) {
        if (*at++ != (byte)*word++) return 0;
    }
    return at;
}

// The first character of the text: of the whole document where it is a string, else of its first key `text`.
static byte *find_text(byte *document) {
    byte *at = skip_space(document);
    if (*at == '"') return at + 1;
    if (*at++ != '{') return 0;
    at = skip_word(skip_space(at), "\"text\"");
    if (!at) return 0;
    at = skip_space(at);
    if (*at++ != ':') return 0;
    at = skip_space(at);
    return *at == '"' ? at + 1 : 0;
}

// ---- The output.

static char output[160];

static char *put_text(char *to, const char *text) {
    while (*text) *to++ = *text++;
    return to;
}

static char *put_number(char *to, size number) {
    char digits[20];
    int count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count) *to++ = digits[--count];
    return to;
}

EXPORT("execute") const char *execute(byte *document) {
    byte *text = find_text(document);
    byte *end = text ? decode_string(text) : 0;
    if (!end) {
        static const char complaint[] = "the input is neither a string nor {\"text\": \"…\"}";
        host_log(3, complaint, sizeof complaint - 1);
        return "{\"error\": \"give a text\"}";
    }
    size words = 0, lines = text < end, characters = 0;
    int in_word = 0;
    for (byte *at = text; at < end; at++) {
        int space = *at == ' ' || (*at >= '\t' && *at <= '\r');
        words += !space && !in_word;
        in_word = !space;
        lines += *at == '\n' && at + 1 < end;
        characters += (*at & 0xc0) != 0x80; // not a continuation byte of UTF-8
    }
    char *to = put_text(output, "{\"words\": ");
    to = put_text(put_number(to, words), ", \"lines\": ");
    to = put_text(put_number(to, lines), ", \"characters\": ");
    to = put_text(put_number(to, characters), ", \"bytes\": ");
    to = put_text(put_number(to, (size)(end - text)), "}");
    *to = 0;
    return output;
}
