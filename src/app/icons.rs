//! One family of icons: paths in a 24 × 24 box, stroked 1.5 px.

use leptos::prelude::*;

/// An icon; it says nothing to assistive technology, its button does.
#[component]
pub fn Icon(
    /// The path.
    path: &'static str,
    /// 18 px instead of 24.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    view! { <svg class="icon" class:small=small viewBox="0 0 24 24" aria-hidden="true"><path d=path/></svg> }
}
