//! The editor: a document, what is selected, and everything a person can do to them as one closed [`Command`] enum.
//!
//! Knows no page and no clock: the simulated time comes in with every command. At time 0 an edit changes the design; in
//! a run it becomes an entry of the timeline, so that a link replays it (see [`edit`]). Commands are split by what they
//! touch: `apply` here decides, `design` adds, sets and removes, `copy` doubles,
//! `timeline` breaks and mends.

pub mod actions;
mod arrange;
pub mod branches;
pub mod clipboard;
mod command;
mod copy;
pub mod design;
pub mod edit;
pub mod faults;
mod history;
pub mod mend;
pub mod place;
pub mod sound;
pub mod timeline;
pub mod walk;

#[cfg(test)]
mod tests;

pub use arrange::{Arrange, Line};
pub use command::{Applied, Command, Direction, End, Gesture, Item, Place, PresetId, Strike};
pub use design::fits;

use crate::check;
use crate::codec;
use crate::component::{Kind, Param, link};
use crate::order::{self, Gather, Map, Set};
use crate::scenario::{Action, Scenario};
use crate::time::{Nanos, from_s};
use edit::instant;
use history::{History, Joins};

/// A document that is being edited.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    doc: Scenario,
    selection: Set<Item>,
    history: History,
    revision: u64,
}

/// What the canvas shows at an instant: the design as it stands then, and what only joins later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Nodes and links that are there, then those that join later.
    pub design: Scenario,
    /// When each of the later ones joins.
    pub joins: Map<Item, Nanos>,
}

impl Editor {
    /// Edits this document.
    pub fn new(doc: Scenario) -> Self {
        Self { doc, ..Self::default() }
    }

    /// The document.
    pub fn document(&self) -> &Scenario {
        &self.doc
    }

    /// What is selected.
    pub fn selection(&self) -> &Set<Item> {
        &self.selection
    }

    /// Identifiers of the selected nodes.
    pub fn selected_nodes(&self) -> Vec<String> {
        let id = |item: &Item| if let Item::Node(id) = item { Some(id.clone()) } else { None };
        self.selection.iter().filter_map(id).collect()
    }

    /// The selected node or link, if exactly one thing is selected.
    pub fn only_selected(&self) -> Option<&Item> {
        self.selection.first().filter(|_| self.selection.len() == 1)
    }

    /// Rises with every change of the document.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What undo would take back, in a word; `None` if there is nothing.
    pub fn undo_label(&self) -> Option<&str> {
        self.history.undo_label()
    }

    /// What redo would bring back.
    pub fn redo_label(&self) -> Option<&str> {
        self.history.redo_label()
    }

    /// What the canvas shows at the simulated time `now`. Edits made at `now` show at once, although they take effect
    /// at the next millisecond.
    pub fn shown(&self, now: Nanos) -> Shown {
        let at = instant(now);
        let mut shown = Shown { design: self.doc.at(at), joins: Map::new() };
        let mut later: Vec<_> = self.doc.timeline.iter().filter(|e| e.at() > at || at == 0).collect();
        order::sort_by_key(&mut later, |e| e.at());
        for entry in later {
            match &entry.action {
                Action::AddNode(n) if shown.design.node(&n.id).is_none() => {
                    shown.joins.insert(Item::Node(n.id.clone()), entry.at());
                    shown.design.nodes.push((**n).clone());
                }
                Action::AddLink(l) if shown.design.link(&l.from, &l.to).is_none() => {
                    let there = |id: &str| shown.design.node(id).is_some();
                    if there(&l.from) && there(&l.to) {
                        shown.joins.insert(Item::Link(l.from.clone(), l.to.clone()), entry.at());
                        shown.design.links.push((**l).clone());
                    }
                }
                _ => {}
            }
        }
        shown
    }

    /// Equal keys mean equal [`Editor::shown`]: what to compare before computing it anew.
    pub fn shown_key(&self, now: Nanos) -> (u64, usize) {
        let at = instant(now);
        (self.revision, self.doc.edits_until(at))
    }

    /// The table of parameters of a node or link, if this version knows its kind.
    pub fn table(&self, item: &Item) -> Option<&'static [Param]> {
        let kind = |id: &str| Kind::from_id(&edit::node_anywhere(&self.doc, id)?.kind);
        match item {
            Item::Node(id) => Some(kind(id)?.spec().params),
            Item::Link(from, to) => Some(link::meaning(kind(from)?, kind(to)?).ok()?.params()),
        }
    }

    /// Whether a link may be drawn now: asked while it is being drawn.
    ///
    /// # Errors
    /// One sentence: why it makes no sense.
    pub fn can_link(&self, from: &str, to: &str, now: Nanos) -> Result<(), String> {
        edit::check_link(&self.doc, instant(now), from, to).map(|_| ())
    }

    /// Carries out a command at the simulated time `now`; 0 is design time.
    ///
    /// # Errors
    /// One sentence for the person: why not. Nothing has changed then.
    pub fn apply(&mut self, command: Command, now: Nanos) -> Result<Applied, String> {
        match command {
            Command::Undo => self.step(false),
            Command::Redo => self.step(true),
            Command::Open(doc) => {
                let said = format!("Opened {}", doc.name);
                *self = Self { doc: *doc, revision: self.revision + 1, ..Self::default() };
                Ok(Applied { changed: true, said, ..Applied::default() })
            }
            Command::Select(..)
            | Command::Toggle(..)
            | Command::SelectAll
            | Command::Deselect
            | Command::Marquee { .. } => Ok(self.select(command, now)),
            Command::Copy => self.copy(now),
            command => self.change(command, now),
        }
    }

    /// Undo or redo.
    fn step(&mut self, forward: bool) -> Result<Applied, String> {
        let found = if forward { self.history.redo(&self.doc) } else { self.history.undo(&self.doc) };
        let Some((doc, label)) = found else {
            return Err(format!("Nothing to {}.", if forward { "redo" } else { "undo" }));
        };
        let cosmetic = edit::runs_alike(&self.doc, &doc);
        self.doc = doc;
        self.changed();
        Ok(Applied {
            changed: true,
            cosmetic,
            said: format!("{}: {label}", if forward { "Redone" } else { "Undone" }),
            ..Applied::default()
        })
    }

    /// Commands that change the document: tried on a copy, kept with a step of the history if they succeed.
    fn change(&mut self, command: Command, now: Nanos) -> Result<Applied, String> {
        let joins = self.joins(&command);
        let start = match (&command, self.history.joined(&joins)) {
            // A movement is measured from where it began.
            (Command::Move { .. } | Command::Arrange { .. } | Command::MoveEntry { .. }, Some(before)) => {
                before.clone()
            }
            _ => self.doc.clone(),
        };
        let mut draft = Draft { doc: start, at: instant(now), select: None, done: Applied::default() };
        let copies = matches!(command, Command::Duplicate { .. });
        let label = self.carry_out(command, &mut draft)?;
        draft.lengthen();
        draft.bounded()?;
        let rewired = draft.doc.links != self.doc.links || draft.doc.timeline != self.doc.timeline;
        if rewired
            && let Some(wrong) = sound::contradiction(&draft.doc)
            // A file that came with a contradiction can still be edited, and mended.
            && sound::contradiction(&self.doc).is_none()
        {
            return Err(wrong);
        }
        if let Some(selection) = draft.select {
            self.selection = selection;
        }
        let mut done = draft.done;
        done.changed = draft.doc != self.doc;
        done.cosmetic = edit::runs_alike(&draft.doc, &self.doc);
        if done.changed {
            let before = std::mem::replace(&mut self.doc, draft.doc);
            // Copies are dragged on from where they appeared.
            let start = (copies && joins != Joins::Nothing).then(|| self.doc.clone());
            self.history.record(before, label, joins, start);
            self.history.settle(&self.doc);
        }
        self.changed();
        if done.said.is_empty() && !done.cosmetic {
            label.clone_into(&mut done.said);
        }
        Ok(done)
    }

    /// One arm per command; the result is what the undo menu calls it.
    fn carry_out(&self, command: Command, draft: &mut Draft) -> Result<&'static str, String> {
        match command {
            Command::AddNode { preset, place } => self.add(draft, preset, place),
            Command::AddConnected { from, preset, side } => self.add_connected(draft, &from, preset, side),
            Command::AddLinked { from, preset, at } => design::add_linked(draft, &from, preset, at),
            Command::Move { ids, by, .. } => design::shift(draft, &ids, by),
            Command::Nudge { by, .. } => design::shift(draft, &self.selected_nodes(), by),
            Command::Arrange { how, share, .. } => arrange::arrange(draft, &self.selected_nodes(), how, share),
            Command::Rename { id, name } => design::rename(draft, &id, &name),
            Command::SetParam { target, name, value, .. } => self.set_param(draft, &target, &name, value),
            Command::SetZone { ids, zone } => design::set_zone(draft, &ids, zone.as_deref()),
            Command::SetLocked { ids, locked } => design::set_locked(draft, &ids, locked),
            Command::Link { from, to } => design::link(draft, &from, &to),
            Command::Relink { from, to, end, node } => self.relink(draft, &from, &to, end, &node),
            Command::Delete => self.delete(draft),
            Command::Cut => {
                draft.done.clip = Some(self.clip(draft)?);
                self.delete(draft)
            }
            Command::Paste { text, at } => copy::paste(draft, &text, at),
            Command::Duplicate { .. } => self.duplicate(draft),
            Command::Fault(strikes) => timeline::fault(draft, &strikes),
            Command::RemoveEntry(index) => timeline::remove_entry(draft, index),
            Command::MoveEntry { index, at, .. } => timeline::move_entry(draft, index, at),
            Command::SetName(name) => design::set_name(draft, &name),
            Command::SetNotes(notes) => design::set_notes(draft, notes),
            Command::SetLesson(lesson) => design::set_lesson(draft, lesson),
            Command::SetSeed(seed) => {
                draft.doc.seed = seed;
                draft.done.said = format!("Seed {seed}");
                Ok("Change the seed")
            }
            Command::SetRunLength(seconds) => timeline::set_run_length(draft, seconds),
            Command::SetSlo { name, value } => design::set_slo(draft, &name, value),
            Command::SetPrice { name, value } => design::set_price(draft, &name, value),
            Command::KeepEdits => {
                edit::keep_edits(&mut draft.doc);
                draft.done.said = "The edits made while running are part of the design now".to_owned();
                Ok("Keep edits")
            }
            Command::Branch(doc) => {
                draft.doc = *doc;
                Ok("Go over to another branch")
            }
            // `apply` has dealt with the rest.
            _ => Ok(""),
        }
    }

    /// Commands that only change what is selected.
    fn select(&mut self, command: Command, now: Nanos) -> Applied {
        match command {
            Command::Select(items) => self.selection = items.into_iter().collect(),
            Command::Toggle(item) => {
                if !self.selection.remove(&item) {
                    self.selection.insert(item);
                }
            }
            Command::SelectAll => {
                let shown = self.shown(now).design;
                self.selection = shown.nodes.iter().map(|n| Item::Node(n.id.clone())).collect();
                self.selection.extend(shown.links.iter().map(|l| Item::Link(l.from.clone(), l.to.clone())));
            }
            Command::Marquee { from, to, add } => self.marquee(place::Rect::corners(from, to), add, now),
            _ => self.selection.clear(),
        }
        self.prune_selection();
        Applied::default()
    }

    fn marquee(&mut self, rect: place::Rect, add: bool, now: Nanos) {
        if !add {
            self.selection.clear();
        }
        let shown = self.shown(now).design;
        let hit = |n: &&crate::scenario::Node| place::Rect::card(n.at).touches(&rect);
        let inside: Set<&str> = shown.nodes.iter().filter(hit).map(|n| n.id.as_str()).gather();
        self.selection.extend(inside.iter().map(|id| Item::Node((*id).to_owned())));
        let both = |l: &&crate::scenario::Link| inside.contains(l.from.as_str()) && inside.contains(l.to.as_str());
        let links = shown.links.iter().filter(both);
        self.selection.extend(links.map(|l| Item::Link(l.from.clone(), l.to.clone())));
    }

    /// Which commands make one step of the history together.
    fn joins(&self, command: &Command) -> Joins {
        match command {
            Command::Move { gesture, .. }
            | Command::Duplicate { gesture }
            | Command::Arrange { gesture, .. }
            | Command::SetParam { gesture, .. }
            | Command::MoveEntry { gesture, .. }
                if *gesture != 0 =>
            {
                Joins::Gesture(*gesture)
            }
            Command::Nudge { .. } => Joins::Nudge(self.selected_nodes()),
            _ => Joins::Nothing,
        }
    }

    fn changed(&mut self) {
        self.revision += 1;
        self.prune_selection();
    }

    /// What is gone cannot be selected.
    fn prune_selection(&mut self) {
        let doc = &self.doc;
        self.selection.retain(|item| match item {
            Item::Node(id) => edit::node_anywhere(doc, id).is_some(),
            Item::Link(from, to) => {
                doc.link(from, to).is_some()
                    || doc
                        .timeline
                        .iter()
                        .any(|e| matches!(&e.action, Action::AddLink(l) if l.from == *from && l.to == *to))
            }
        });
    }
}

/// A document while a command works on it.
struct Draft {
    doc: Scenario,
    /// When edits take effect.
    at: Nanos,
    /// The selection afterwards, if it becomes another.
    select: Option<Set<Item>>,
    done: Applied,
}

impl Draft {
    /// Selects these nodes.
    fn select_nodes(&mut self, ids: &[String]) {
        self.select = Some(ids.iter().cloned().map(Item::Node).collect());
    }

    /// Whether the document still fits the limits that every reader of it holds.
    fn bounded(&self) -> Result<(), String> {
        let joining = self.doc.timeline.iter().filter(|e| matches!(e.action, Action::AddNode(_))).count();
        for (what, count, most) in [
            ("nodes", self.doc.nodes.len() + joining, codec::MAX_NODES),
            ("links", self.doc.links.len(), codec::MAX_LINKS),
            ("entries on its timeline", self.doc.timeline.len(), codec::MAX_TIMELINE),
        ] {
            if count > most {
                return Err(format!("A document takes at most {most} {what}."));
            }
        }
        Ok(())
    }

    /// An edit after the end of the run makes the run longer: there must be time to see what it does.
    fn lengthen(&mut self) {
        if self.at > from_s(self.doc.run_s) && self.doc.timeline.iter().any(|e| e.at() == self.at) {
            let minutes = self.at / from_s(60.0) + 2;
            self.doc.run_s = (minutes as f64 * 60.0).min(check::MAX_RUN_S);
            let more = format!(". The run now lasts {} s", self.doc.run_s);
            self.done.said.push_str(&more);
        }
    }
}
