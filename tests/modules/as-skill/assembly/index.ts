// A d04 skill in AssemblyScript, built with its defaults: it imports `env.abort`, `env.trace` and `env.seed`.
// The input is the number of words to draw; `null` aborts with a message.

const WORDS = ["alpha", "beta", "gamma", "delta"];

export function alloc(len: usize): usize {
  return heap.alloc(len);
}

export function dealloc(ptr: usize, len: usize): void {
  heap.free(ptr);
}

export function execute(input: usize): usize {
  let end = input;
  while (load<u8>(end)) end++;
  const text = String.UTF8.decodeUnsafe(input, end - input);
  if (text == "null") throw new Error("give a number");
  const count = I32.parseInt(text);
  trace("drawing", 1, count);
  const drawn = new Array<string>();
  for (let i = 0; i < count; i++) {
    drawn.push('"' + WORDS[i32(Math.random() * WORDS.length)] + '"');
  }
  const output = '{"count": ' + drawn.length.toString() + ', "drawn": [' + drawn.join(", ") + "]}";
  return changetype<usize>(String.UTF8.encode(output, true));
}
