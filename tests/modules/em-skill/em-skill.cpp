// A d04 skill by Emscripten, with a memory that grows and C++ containers: the input is a number n, the output tells how many
// primes there are below it.

#include <cstdio>
#include <cstdlib>
#include <emscripten.h>
#include <string>
#include <vector>

extern "C" {
EMSCRIPTEN_KEEPALIVE void *alloc(size_t length) { return malloc(length); }
EMSCRIPTEN_KEEPALIVE void dealloc(void *pointer, size_t) { free(pointer); }
EMSCRIPTEN_KEEPALIVE const char *execute(const char *input) {
    static std::string output;
    size_t below = strtoul(input, nullptr, 10);
    std::vector<int> composite(below);
    size_t primes = 0;
    for (size_t n = 2; n < below; n++) {
        if (composite[n]) continue;
        primes++;
        for (size_t multiple = n + n; multiple < below; multiple += n) composite[multiple] = 1;
    }
    output = "{\"below\": " + std::to_string(below) + ", \"primes\": " + std::to_string(primes) + "}";
    printf("sieved %zu numbers\n", below);
    return output.c_str();
}
}
