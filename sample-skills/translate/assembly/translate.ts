// Translates a phrase with an AI, and remembers what it has translated: {"text": "Good morning", "to": "French"} →
// {"text": "Bonjour", "from_memory": false}.

import { JSON } from "json-as";

@external("env", "host_ai_chat")
declare function host_ai_chat(prompt: usize, promptLength: i32, out: usize, capacity: i32): i32;
@external("env", "host_memory_get")
declare function host_memory_get(key: usize, keyLength: i32, out: usize, capacity: i32): i32;
@external("env", "host_memory_set")
declare function host_memory_set(key: usize, keyLength: i32, value: usize, valueLength: i32): i32;

export function alloc(length: usize): usize {
  return heap.alloc(length);
}

export function dealloc(pointer: usize, length: usize): void {
  heap.free(pointer);
}

export function execute(input: usize): usize {
  const answer = JSON.stringify(translate(JSON.parse<Request>(textAt(input))));
  // The host reads the answer after this call, and the collector knows nothing of that: pinned, it stays.
  return __pin(changetype<usize>(String.UTF8.encode(answer, true)));
}

@json
class Request {
  text: string = "";
  to: string = "English";
}

@json
class Answer {
  text: string = "";
  from_memory: bool = false;
}

function translate(request: Request): Answer {
  if (!request.text.length) throw new Error('give a text: {"text": "…", "to": "…"}');
  const key = `phrases/${request.to.toLowerCase()}/${request.text}`;
  const known = ask(key, host_memory_get);
  if (known.length) return { text: known, from_memory: true };
  const text = ask(`Translate into ${request.to}, and answer with the translation alone:\n\n${request.text}`, host_ai_chat);
  remember(key, text);
  return { text, from_memory: false };
}

type Ask = (request: usize, requestLength: i32, out: usize, capacity: i32) => i32;

/** Calls a host function that fills a buffer, and again with a larger buffer where the first was too small. */
function ask(request: string, call: Ask): string {
  const bytes = String.UTF8.encode(request);
  let out = new ArrayBuffer(256);
  let length = call(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(out), out.byteLength);
  if (length > out.byteLength) {
    out = new ArrayBuffer(length);
    length = call(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(out), length);
  }
  if (length < 0) throw new Error(`the host answered ${length}`);
  return String.UTF8.decodeUnsafe(changetype<usize>(out), length);
}

function remember(key: string, value: string): void {
  const keyBytes = String.UTF8.encode(key);
  const bytes = String.UTF8.encode(value);
  const code = host_memory_set(changetype<usize>(keyBytes), keyBytes.byteLength, changetype<usize>(bytes), bytes.byteLength);
  if (code < 0) throw new Error(`the host answered ${code}`);
}

/** The text at a pointer, up to its NUL. */
function textAt(pointer: usize): string {
  let end = pointer;
  while (load<u8>(end)) end++;
  return String.UTF8.decodeUnsafe(pointer, end - pointer);
}
