// A d04 skill round zlib, without a C library's files or clocks: packs the input document, unpacks it again, and tells both
// sizes and the checksum.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

__attribute__((export_name("alloc"))) void *alloc(size_t length) { return malloc(length); }
__attribute__((export_name("dealloc"))) void dealloc(void *pointer, size_t length) { (void)length, free(pointer); }

static char output[200];

__attribute__((export_name("execute"))) const char *execute(const Bytef *input) {
    uLong length = strlen((const char *)input);
    uLongf packed_length = compressBound(length), unpacked_length = length + 1;
    Bytef *packed = malloc(packed_length), *unpacked = malloc(unpacked_length);
    int packing = compress2(packed, &packed_length, input, length, 9);
    int unpacking = uncompress(unpacked, &unpacked_length, packed, packed_length);
    int same = unpacked_length == length && !memcmp(unpacked, input, length);
    snprintf(output, sizeof output, "{\"bytes\": %lu, \"packed\": %lu, \"crc32\": \"%08lx\", \"same\": %s}", length, packed_length,
             crc32(0, input, length), !packing && !unpacking && same ? "true" : "false");
    return output;
}
