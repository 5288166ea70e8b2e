// A d04 skill round SQLite: a JSON string of SQL in, an array of rows out, each an object. SQLite itself reads and writes
// the JSON. Built as a WASI reactor: it has an `_initialize`, and imports WASI for files, clocks and randomness.

#include <sqlite3.h>
#include <stdlib.h>

__attribute__((export_name("alloc"))) void *alloc(size_t length) { return malloc(length); }
__attribute__((export_name("dealloc"))) void dealloc(void *pointer, size_t length) { (void)length, free(pointer); }

static const char *complaint(sqlite3 *db) { return sqlite3_mprintf("{\"error\": \"%w\"}", sqlite3_errmsg(db)); }

// One value, as SQLite's own json_quote writes it.
static void put_json(sqlite3 *db, sqlite3_str *to, sqlite3_value *value) {
    sqlite3_stmt *quote;
    sqlite3_prepare_v2(db, "SELECT json_quote(?1)", -1, &quote, 0);
    sqlite3_bind_value(quote, 1, value);
    sqlite3_step(quote);
    sqlite3_str_appendf(to, "%s", sqlite3_column_text(quote, 0));
    sqlite3_finalize(quote);
}

static void put_row(sqlite3 *db, sqlite3_str *to, sqlite3_stmt *row) {
    sqlite3_str_appendall(to, sqlite3_str_length(to) > 1 ? ", {" : "{");
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        sqlite3_str_appendf(to, "%s\"%w\": ", i ? ", " : "", sqlite3_column_name(row, i));
        put_json(db, to, sqlite3_column_value(row, i));
    }
    sqlite3_str_appendall(to, "}");
}

__attribute__((export_name("execute"))) const char *execute(const char *input) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    if (sqlite3_open(":memory:", &db)) return complaint(db);
    sqlite3_prepare_v2(db, "SELECT json_extract(?1, '$')", -1, &statement, 0);
    sqlite3_bind_text(statement, 1, input, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_ROW) return complaint(db);
    char *sql = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);

    sqlite3_str *rows = sqlite3_str_new(db);
    sqlite3_str_appendall(rows, "[");
    for (const char *rest = sql; *rest;) {
        if (sqlite3_prepare_v2(db, rest, -1, &statement, &rest)) return complaint(db);
        int step;
        while (statement && (step = sqlite3_step(statement)) == SQLITE_ROW) put_row(db, rows, statement);
        if (sqlite3_finalize(statement)) return complaint(db);
    }
    sqlite3_str_appendall(rows, "]");
    return sqlite3_str_finish(rows);
}
