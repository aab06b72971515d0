//! The worker as a program of its own: the same engine as in the page's program, without the page and made for speed.
//! It takes over once the run shows; see `relief`.

mod worker;

use wasm_bindgen::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    if let Ok(scope) = js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        worker::start(&scope);
    }
}
