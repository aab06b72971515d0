//! Carries out actions: those that edit become commands, those that concern only the page are done here. The same for
//! keys, menus and the command palette, because all three come through [`act`].

use super::canvas::{self, hand::Hand, overlay};
use super::store::{Dialog, Pane, SPEEDS, Store, wall_ms};
use super::{clipboard, documents, film, graphs, host, pictures, theme, tracer};
use leptos::prelude::*;
use loadstone::editor::actions::{self, Act};
use loadstone::editor::{Arrange, Command, Gesture, Item};
use loadstone::metrics::frame::Clock;
use loadstone::metrics::samples::Wanted;
use loadstone::scene::camera::Camera;
use loadstone::texts::{fill, said};
use loadstone::time::SECOND;
use loadstone::worker::ToWorker;

/// Does it, or says why not.
pub fn act(store: Store, hand: Hand, act: Act) {
    if !store.mode.offers(act) {
        return;
    }
    let middle = store.screen.get_untracked().map(|v| v / 2.0);
    let at = if hand.inside.get_value() { hand.pointer.get_value() } else { middle };
    land(store, hand);
    match act {
        Act::Cancel => cancel(store, hand),
        Act::Rename => {
            let only = store.editor.with_untracked(|e| e.only_selected().cloned());
            if let Some(Item::Node(id)) = only {
                store.renaming.set(Some(id));
            }
        }
        Act::Paste => clipboard::read(store, move |text| documents::paste(store, &text, None)),
        Act::SelectTool => store.pan_tool.set(false),
        Act::PanTool => {
            store.pan_tool.set(true);
            store.tell("Dragging moves the canvas now. Esc or V goes back to selecting.");
        }
        Act::PlayPause => store.play_or_pause(),
        Act::Step => step(store),
        Act::StepBack => step_back(store),
        Act::Second(on) => second(store, on),
        Act::Compare => compare(store),
        Act::Restart => restart(store),
        Act::Faster => change_speed(store, 1),
        Act::Slower => change_speed(store, -1),
        Act::ZoomIn => store.camera.update(|c| *c = c.stepped(true, at)),
        Act::ZoomOut => store.camera.update(|c| *c = c.stepped(false, at)),
        Act::ZoomReset => store.camera.update(|c| *c = c.zoomed(1.0 / c.zoom, at)),
        Act::FitAll => canvas::fit_all(store),
        Act::FitSelection => fit_selection(store),
        Act::ToggleTheme => theme::toggle(store),
        Act::Language => store.dialog.set(Some(Dialog::Languages)),
        Act::ToggleOutline => store.outline.update(|o| *o = !*o),
        Act::OpenPalette => store.dialog.set(Some(Dialog::Commands)),
        Act::FindNode => store.dialog.set(Some(Dialog::Find)),
        Act::Charts => toggle_graphs(store, Pane::Run),
        Act::Sweep => toggle_graphs(store, Pane::Sweep),
        Act::ExportCsv => documents::download_series(store),
        Act::TraceP99 => tracer::ask(store, Wanted::Quantile(0.99)),
        Act::TraceFailed => tracer::ask(store, Wanted::Failed),
        Act::LinkTo => store.dialog.set(Some(Dialog::LinkTo)),
        Act::Help => store.dialog.set(Some(Dialog::Help)),
        Act::Share => store.dialog.set(Some(Dialog::Share)),
        Act::BreakSomething => store.dialog.set(Some(Dialog::Faults(None))),
        Act::Examples => store.dialog.set(Some(Dialog::Examples)),
        Act::ExportJson => documents::download(store),
        Act::ExportStack => documents::download_stack(store),
        Act::ExportMermaid => pictures::save_mermaid(store),
        Act::ExportSvg => pictures::save_svg(store, theme::is_dark()),
        Act::ExportPng => pictures::save_png(store, pictures::SHARP, theme::is_dark()),
        Act::Film => film::toggle(store),
        Act::Course => store.dialog.set(Some(Dialog::Course)),
        Act::Challenges => store.dialog.set(Some(Dialog::Challenges)),
        Act::Chooser => store.dialog.set(Some(Dialog::Chooser)),
        Act::WriteLesson => write_lesson(store),
        Act::Glossary => store.dialog.set(Some(Dialog::Glossary("", ""))),
        Act::Import => documents::choose_file(),
        Act::NewDocument => documents::new_document(store),
        Act::DuplicateDocument => documents::duplicate(store),
        Act::Arrange(how) => glide(store, hand, how),
        edit => {
            let command = store.editor.with_untracked(|_| store.situation(|s| actions::command(edit, s)));
            if let Some(command) = command {
                let follow = matches!(edit, Act::Walk(_) | Act::AddConnected(_) | Act::Duplicate);
                if store.apply(command) && follow {
                    follow_selection(store);
                }
            }
        }
    }
}

/// Opens the panel in which a lesson is written, or the lesson as a learner sees it.
fn write_lesson(store: Store) {
    store.authoring.update(|on| *on = !*on);
    if store.authoring.get_untracked() {
        store.try_this.set(None);
        canvas::fit_all(store);
    }
}

/// Brings cards in order, in a movement that the eye can follow.
fn glide(store: Store, hand: Hand, how: Arrange) {
    hand.glide.set_value(Some((how, hand.gesture())));
    if store.still.get_untracked() {
        land(store, hand);
    } else {
        glide_on(store, hand, hand.glide.get_value(), wall_ms());
    }
}

/// Goes on with this movement, unless it is over or something else began.
fn glide_on(store: Store, hand: Hand, this: Option<(Arrange, Gesture)>, began: f64) {
    const LASTS_MS: f64 = 220.0;
    let left = 1.0 - ((wall_ms() - began) / LASTS_MS).clamp(0.0, 1.0);
    let Some((how, gesture)) = this.filter(|_| hand.glide.get_value() == this) else { return };
    if left == 0.0 {
        return land(store, hand);
    }
    // Fast at first, gentle at the end.
    if store.apply(Command::Arrange { how, share: 1.0 - left * left * left, gesture }) {
        request_animation_frame(move || glide_on(store, hand, this, began));
    } else {
        hand.glide.set_value(None);
    }
}

/// Lets cards that are on their way arrive at once: whatever is done next finds them there.
pub fn land(store: Store, hand: Hand) {
    if let Some((how, gesture)) = hand.glide.try_update_value(Option::take).flatten() {
        store.apply(Command::Arrange { how, share: 1.0, gesture });
    }
}

/// Opens the large charts, or closes them if they show just that.
fn toggle_graphs(store: Store, pane: Pane) {
    if store.graphs.get_untracked() == Some(pane) {
        graphs::close(store);
    } else {
        graphs::open(store, pane);
    }
}

/// The keyboard goes where the selection went.
fn follow_selection(store: Store) {
    let only = store.editor.with_untracked(|e| e.selected_nodes().first().cloned());
    if let Some(id) = only {
        canvas::reveal(store, &id);
        // A new card is on the page only after this turn of the event loop.
        set_timeout(move || canvas::focus(&id), std::time::Duration::ZERO);
    }
}

fn cancel(store: Store, hand: Hand) {
    if hand.cancel(store) {
        return;
    }
    if store.menu.read_untracked().is_some() {
        store.menu.set(None);
    } else if !store.sheet.read_untracked().is_empty() {
        store.sheet.set("");
    } else if store.tracing.read_untracked().is_some() {
        store.tracing.set(None);
    } else if store.graphs.read_untracked().is_some() {
        graphs::close(store);
    } else if store.outline.get_untracked() {
        store.outline.set(false);
    } else {
        store.notice.set(None);
        store.pan_tool.set(false);
        store.apply(Command::Deselect);
    }
}

/// To the next event that moves something.
pub fn step(store: Store) {
    if *store.clock.read_untracked() == Clock::Playing {
        host::send(ToWorker::Pause);
    }
    overlay::show_step();
    host::send(ToWorker::Step);
}

/// To the event before that moved something.
pub fn step_back(store: Store) {
    store.stand.set_value(true);
    overlay::show_step();
    host::send(ToWorker::StepBack);
}

/// A second on, or back.
fn second(store: Store, on: bool) {
    let now = match *store.clock.read_untracked() {
        Clock::CatchingUp { to } => to,
        _ => store.now.get_untracked(),
    };
    let to = if on { now.saturating_add(SECOND).min(store.end.get_untracked()) } else { now.saturating_sub(SECOND) };
    store.stand.set_value(true);
    host::send(ToWorker::Seek(to));
}

/// Opens or closes the panel of branches and of A against B.
pub fn compare(store: Store) {
    store.versus.update(|open| *open = !*open);
    if !store.versus.get_untracked() {
        canvas::focus_board();
    }
}

/// Goes over to another branch, at the same moment.
pub fn switch_branch(store: Store, to: usize) {
    let present = store.editor.with_untracked(|e| e.document().clone());
    let reached = store.reached.get_value();
    let there = store.branches.try_update(|b| b.switch(to, present, reached)).flatten();
    if let Some((document, reached)) = there {
        store.apply(Command::Branch(Box::new(document)));
        store.reached.set_value(reached);
        let label = store.branches.with_untracked(|b| b.label().to_owned());
        store.say(fill("This is the branch {label}", &[&said(&label)]));
    }
}

/// Back to 0, paused.
pub fn restart(store: Store) {
    host::send(ToWorker::Load { document: store.document_text(), restart: true });
    store.say("Back at the start".to_owned());
}

fn change_speed(store: Store, by: isize) {
    let speed = store.speed.get_untracked();
    let here = SPEEDS.iter().position(|s| *s >= speed).unwrap_or(SPEEDS.len() - 1);
    let to = SPEEDS[here.saturating_add_signed(by).min(SPEEDS.len() - 1)];
    store.set_speed(to);
    store.say(format!("Speed {}", loadstone::scene::format::speed(to)));
}

fn fit_selection(store: Store) {
    let rects =
        store.scene.with_untracked(|s| s.cards.iter().filter(|c| c.selected).map(|c| c.rect).collect::<Vec<_>>());
    let around = loadstone::editor::place::Rect::around(rects);
    if around.is_some() {
        store.camera.set(Camera::fitting(around, store.screen.get_untracked(), 96.0));
    }
}
