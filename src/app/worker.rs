//! What the program does inside the worker: passes messages to the engine's session and its answers back, and lets it simulate in slices
//! between them. Knows the browser's messages and timers; what they mean, `loadstone::worker` knows.

use loadstone::worker::FromWorker;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// Begins to listen.
pub fn start(scope: &DedicatedWorkerGlobalScope) {
    let _ = scope.post_message(&JsValue::from_str(&serde_json::to_string(&FromWorker::Ready).unwrap_or_default()));
}
