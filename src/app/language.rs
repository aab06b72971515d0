//! The language of the page: the browser's wish until the person makes a choice, which is remembered. `www/boot.js` decides
//! it before the first paint and fetches its texts; which there are, `data-languages` in index.html says.

use super::mode::Mode;
use super::shelf;
use super::store::Store;
use leptos::prelude::*;
use loadstone::texts::tr;
use wasm_bindgen::JsValue;

/// Where the loader leaves the texts.
const TEXTS: &str = "data-texts";

/// Takes the texts that the loader has fetched. Before anything is shown: English has none.
pub fn begin() {
    if let Some(root) = document().document_element()
        && let Some(texts) = root.get_attribute(TEXTS)
    {
        loadstone::texts::speak(&texts);
        let _ = root.remove_attribute(TEXTS);
    }
}

/// The languages to choose from but the present one: code and name, each in its own language.
pub fn others() -> Vec<(String, String)> {
    let Some(root) = document().document_element() else { return Vec::new() };
    let all = root.get_attribute("data-languages").unwrap_or_default();
    let here = root.get_attribute("lang");
    let each = all.split(' ').filter_map(|one| one.split_once('='));
    each.filter(|(code, _)| here.as_deref() != Some(code)).map(|(code, name)| (code.into(), name.into())).collect()
}

/// Says that a text is not translated, above it; the text itself is marked by `lang="en"`. Nothing on an English page.
#[component]
pub fn EnglishOnly() -> impl IntoView {
    const WORDS: &str = "This text is in English only.";
    let words = tr(WORDS);
    (words != WORDS).then(|| view! { <p class="note">{words}</p> })
}

/// Loads the page again in this language; what is on the canvas is kept first.
pub fn choose(store: Store, code: &str) {
    store.save_now();
    let kept = || shelf::read(&store.doc_id.get_untracked()).as_deref() == Some(&store.document_text());
    if store.mode == Mode::Edit && !kept() {
        // Saving has said why; work is worth more than a language.
        return;
    }
    shelf::set_setting("lang", code);
    let location = window().location();
    // An address that asks for a language would win over the choice.
    let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let asked = search.trim_start_matches('?').split('&').filter(|part| !part.is_empty() && !part.starts_with("lang="));
    let mut asked = asked.collect::<Vec<_>>();
    let chosen = format!("lang={code}");
    if store.mode != Mode::Edit {
        // A page that is only looked at keeps nothing.
        asked.push(&chosen);
    }
    let asked = asked.join("&");
    let address =
        format!("{path}{}{asked}{}", if asked.is_empty() { "" } else { "?" }, location.hash().unwrap_or_default());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    let _ = location.reload();
}
