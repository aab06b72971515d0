//! The worker's program: passes messages to the engine's session and its answers back, and lets it simulate in slices
//! between them. Knows the browser's messages and timers; what they mean, `loadstone::worker` knows.

use loadstone::worker::FromWorker;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let _ = scope.post_message(&JsValue::from_str(&serde_json::to_string(&FromWorker::Ready).unwrap_or_default()));
}
