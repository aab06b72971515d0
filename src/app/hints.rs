//! What a first visit is told after its first “Try this”, one sentence at a time. Each leaves for good when a person has
//! done what it speaks of, in whichever way; who closes one wants no more of them.

use super::icons::Icon;
use super::shelf;
use super::store::{Dialog, Store, memo};
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::texts::tr;

/// By name: what is said, in this order.
const HINTS: [(&str, &str); 4] = [
    ("break", "Choose a card and crash it, with X or by its menu: the log tells who notices, and when."),
    ("add", "Drag a component from the left onto the canvas. What is running goes on with it."),
    ("link", "Drag from the edge of one card to another to link them."),
    ("share", "Share makes a link that holds everything, so that others see the very same run."),
];

/// The setting with the names of those that are done with.
const KEY: &str = "hints";

thread_local! {
    /// Names of those that are done with.
    static DONE: ArcRwSignal<String> = ArcRwSignal::new(shelf::setting(KEY).unwrap_or_default());
}

/// The hint that nobody needs who did this.
pub fn of(command: &Command) -> Option<&'static str> {
    match command {
        Command::Fault(_) => Some("break"),
        Command::AddNode { .. } | Command::AddConnected { .. } | Command::AddLinked { .. } => Some("add"),
        Command::Link { .. } => Some("link"),
        _ => None,
    }
}

/// A hint is done with.
pub fn done(name: &str) {
    DONE.with(|all| {
        if !all.read_untracked().contains(name) {
            all.update(|all| *all += &format!("{name} "));
            shelf::set_setting(KEY, &all.read_untracked());
        }
    });
}

/// The first hint that is not done with; none while something else speaks to the person.
#[component]
pub fn Hints(store: Store) -> impl IntoView {
    let all = DONE.with(Clone::clone);
    let spoken_to = move || store.try_this.read().is_some() || store.lesson.get() || store.authoring.get();
    let next = memo(move || {
        let all = all.read();
        HINTS.iter().find(|(name, _)| !all.contains(name)).filter(|_| !spoken_to()).map(|(_, words)| *words)
    });
    Effect::new(move |_| {
        if store.dialog.get() == Some(Dialog::Share) {
            done("share");
        }
    });
    let no_more = move |_| HINTS.iter().for_each(|(name, _)| done(name));
    move || {
        next.get().map(|words| {
            view! {
                <div class="try-this hint" role="note" data-testid="hint">
                    <span>{tr(words)}</span>
                    <button class="flat" aria-label=tr("No more hints") title=tr("No more hints") on:click=no_more>
                        <Icon path="M7 7l10 10M17 7 7 17" small=true/>
                    </button>
                </div>
            }
        })
    }
}
