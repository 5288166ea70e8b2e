// A WASI command round QuickJS: a JSON string of JavaScript on stdin, the JSON of the script's value on stdout. An exception
// goes to stderr, with exit status 3.

#include "quickjs.h"
#include <stdio.h>
#include <string.h>

static int complain(JSContext *context) {
    JSValue exception = JS_GetException(context);
    fprintf(stderr, "%s\n", JS_ToCString(context, exception));
    return 3;
}

int main(void) {
    static char input[1 << 16];
    size_t length = fread(input, 1, sizeof input - 1, stdin);
    JSRuntime *runtime = JS_NewRuntime();
    JS_SetMaxStackSize(runtime, 0);
    JSContext *context = JS_NewContext(runtime);
    JSValue script = JS_ParseJSON(context, input, length, "stdin");
    if (JS_IsException(script)) return complain(context);
    const char *text = JS_ToCString(context, script);
    JSValue value = JS_Eval(context, text, strlen(text), "script.js", JS_EVAL_TYPE_GLOBAL);
    if (JS_IsException(value)) return complain(context);
    JSValue json = JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED);
    puts(JS_ToCString(context, json));
    return 0;
}
