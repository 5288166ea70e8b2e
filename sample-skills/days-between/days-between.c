// The days between two dates: {"from": "2024-02-28", "to": "2024-03-01"} → {"days": 2}. A d04 skill in C with a C library.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((import_module("env"), import_name("host_log"))) void host_log(int level, const char *text, size_t length);

__attribute__((export_name("alloc"))) void *skill_alloc(size_t length) {
    return malloc(length);
}

__attribute__((export_name("dealloc"))) void skill_dealloc(void *pointer, size_t length) {
    (void)length;
    free(pointer);
}

// The number of a day in the Gregorian calendar; the year begins with March, so that the leap day is its last.
static long day_number(int year, int month, int day) {
    if (month < 3) year--, month += 12;
    return 365L * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day;
}

static int read_day(const char *document, const char *key, long *number) {
    int year, month, day;
    const char *at = strstr(document, key);
    if (!at || sscanf(at + strlen(key), " : \"%4d-%2d-%2d\"", &year, &month, &day) != 3) return 0;
    *number = day_number(year, month, day);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

__attribute__((export_name("execute"))) const char *execute(const char *input) {
    static char output[64];
    long from, to;
    if (!read_day(input, "\"from\"", &from) || !read_day(input, "\"to\"", &to)) {
        static const char complaint[] = "give two dates: {\"from\": \"2024-02-28\", \"to\": \"2024-03-01\"}";
        host_log(3, complaint, sizeof complaint - 1);
        return "{\"error\": \"no two dates\"}";
    }
    snprintf(output, sizeof output, "{\"days\": %ld}", to - from);
    return output;
}
