// How well a text can be read on its background, by the rule of the WCAG: {"text": "#333", "background": "#ffffff"} →
// {"ratio": 12.63, "AA": true, "AAA": true}

#include <emscripten.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((import_module("env"), import_name("host_log"))) void host_log(int level, const char *text, size_t length);

enum { WARN = 3 };

EMSCRIPTEN_KEEPALIVE void *alloc(size_t length) {
    return malloc(length);
}

EMSCRIPTEN_KEEPALIVE void dealloc(void *pointer, size_t length) {
    (void)length;
    free(pointer);
}

// Reads the color that stands behind a key as "#rgb" or "#rrggbb".
static bool color_of(const char *document, const char *key, unsigned color[3]) {
    const char *at = strstr(document, key);
    char digits[7] = "";
    if (!at || sscanf(at + strlen(key), " : \"#%6[0-9a-fA-F]\"", digits) != 1) return false;
    if (strlen(digits) == 6) return sscanf(digits, "%2x%2x%2x", &color[0], &color[1], &color[2]) == 3;
    if (strlen(digits) != 3 || sscanf(digits, "%1x%1x%1x", &color[0], &color[1], &color[2]) != 3) return false;
    for (int i = 0; i < 3; i++) color[i] *= 0x11;
    return true;
}

static double luminance(const unsigned color[3]) {
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double part = color[i] / 255.0;
        sum += weights[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

EMSCRIPTEN_KEEPALIVE const char *execute(const char *input) {
    static char output[100];
    unsigned text[3], background[3];
    if (!color_of(input, "\"text\"", text) || !color_of(input, "\"background\"", background)) {
        const char *complaint = "give two colors: {\"text\": \"#333\", \"background\": \"#ffffff\"}";
        host_log(WARN, complaint, strlen(complaint));
        return "{\"error\": \"no two colors\"}";
    }
    double one = luminance(text), other = luminance(background);
    double ratio = (fmax(one, other) + 0.05) / (fmin(one, other) + 0.05);
    snprintf(output, sizeof output, "{\"ratio\": %.2f, \"AA\": %s, \"AAA\": %s}", ratio, ratio >= 4.5 ? "true" : "false",
             ratio >= 7 ? "true" : "false");
    return output;
}
