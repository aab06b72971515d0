//! Light or dark: the system's choice until the person makes one, which is remembered.

use super::shelf;
use super::store::Store;
use leptos::prelude::*;

/// Whether the media query holds now.
pub fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|m| m.matches())
}

/// Switches to the other theme.
pub fn toggle(store: Store) {
    let Some(root) = document().document_element() else { return };
    let dark = match root.get_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some(_) => false,
        None => media("(prefers-color-scheme: dark)"),
    };
    let to = if dark { "light" } else { "dark" };
    let _ = root.set_attribute("data-theme", to);
    shelf::set_setting("theme", to);
    store.say(format!("{to} theme"));
}
