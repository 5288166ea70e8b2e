use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    fn alert(s: &str);
}

#[wasm_bindgen]
pub fn greet(name: &str) {
    alert(&format!("Hello, {name}!"));
}

#[unsafe(no_mangle)]
pub extern "C" fn execute(_input: u32) -> u32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn alloc(_len: u32) -> u32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn dealloc(_ptr: u32, _len: u32) {}
