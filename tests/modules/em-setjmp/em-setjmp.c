// Refused: Emscripten's default way for setjmp needs a JavaScript host (`env.invoke_*` and others).

#include <setjmp.h>
#include <stdio.h>

static jmp_buf home;

__attribute__((noinline)) static void jump(int value) { longjmp(home, value); }

int main(void) {
    int value = setjmp(home);
    if (!value) jump(7);
    printf("%d\n", value);
}
