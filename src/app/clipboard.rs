//! The system's clipboard and files. Knows text and bytes only; what they mean is for the editor and the codec.

use super::store::Store;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};

/// Puts text on the clipboard; says so if the browser refuses.
pub fn write(store: Store, text: &str) {
    let promise = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        if JsFuture::from(promise).await.is_err() {
            store.tell("The browser did not allow copying; use the keyboard's copy shortcut.");
        }
    });
}

/// Reads text from the clipboard, then passes it on.
pub fn read(store: Store, then: impl Fn(String) + 'static) {
    let promise = window().navigator().clipboard().read_text();
    leptos::task::spawn_local(async move {
        match JsFuture::from(promise).await.map(|v| v.as_string()) {
            Ok(Some(text)) => then(text),
            _ => store.tell("The browser did not allow reading the clipboard; press the paste shortcut instead."),
        }
    });
}

/// Hands the person a file.
pub fn download(name: &str, kind: &str, content: &[u8]) -> Result<(), JsValue> {
    let bag = BlobPropertyBag::new();
    bag.set_type(kind);
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(content));
    hand_over(name, &Blob::new_with_u8_array_sequence_and_options(&parts, &bag)?)
}

/// The same for what the browser itself has written.
pub fn hand_over(name: &str, content: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(content)?;
    let anchor: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&address)
}

/// Reads a file, then passes it on.
pub fn read_file(store: Store, file: File, then: impl Fn(Vec<u8>) + 'static) {
    const MAX_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
    if file.size() > MAX_BYTES {
        store.warn(&format!("{} is larger than 8 MB, which no design is.", file.name()));
        return;
    }
    let promise = file.array_buffer();
    leptos::task::spawn_local(async move {
        match JsFuture::from(promise).await {
            Ok(buffer) => then(js_sys::Uint8Array::new(&buffer).to_vec()),
            Err(_) => store.warn("The file could not be read."),
        }
    });
}
