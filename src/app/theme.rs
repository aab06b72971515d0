//! Light or dark: the system's choice until the person makes one, which is remembered. And the system's wish for less
//! motion.

use super::shelf;
use super::store::Store;
use leptos::prelude::*;
use loadstone::texts::tr;
use wasm_bindgen::prelude::*;

/// Whether the media query holds now.
pub fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|m| m.matches())
}

/// Follows the wish for less motion.
pub fn watch_motion(store: Store) {
    if let Ok(Some(query)) = window().match_media("(prefers-reduced-motion: reduce)") {
        let changed =
            Closure::<dyn FnMut(web_sys::MediaQueryListEvent)>::new(move |e: web_sys::MediaQueryListEvent| {
                store.still.set(e.matches());
            });
        query.set_onchange(Some(changed.as_ref().unchecked_ref()));
        // Lives as long as the page.
        changed.forget();
    }
}

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    match document().document_element().and_then(|root| root.get_attribute("data-theme")).as_deref() {
        Some("dark") => true,
        Some(_) => false,
        None => media("(prefers-color-scheme: dark)"),
    }
}

/// Switches to the other theme.
pub fn toggle(store: Store) {
    let Some(root) = document().document_element() else { return };
    let to = if is_dark() { "light" } else { "dark" };
    let _ = root.set_attribute("data-theme", to);
    shelf::set_setting("theme", to);
    store.say(tr(if to == "dark" { "dark theme" } else { "light theme" }).to_owned());
}
