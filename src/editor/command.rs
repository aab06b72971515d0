//! Everything that can happen to a document, as one closed enum, and what comes back.
//!
//! Plain data: the page makes these from gestures, keys and menus; tests make them at random. Nothing here knows how
//! a command is carried out.

use super::arrange::Arrange;
use crate::component::{KINDS, Kind, KindSpec, Preset};
use crate::scenario::{Action, Params, Scenario, Target};
use crate::time::Nanos;
use serde_json::Value;

/// Something on the canvas that can be selected and edited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The node with this identifier.
    Node(String),
    /// The link between these two nodes.
    Link(String, String),
}

impl Item {
    /// As the target of a timeline entry.
    pub fn target(&self) -> Target {
        match self {
            Item::Node(id) => Target::Node(id.clone()),
            Item::Link(from, to) => Target::Link(from.clone(), to.clone()),
        }
    }
}

/// An entry of the palette: a kind, and which of its presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PresetId {
    /// The kind.
    pub kind: Kind,
    /// Position in the kind's presets; beyond the last means the last.
    pub index: usize,
}

impl PresetId {
    /// Every entry of the palette, in its order.
    pub fn all() -> Vec<PresetId> {
        let presets = |&kind: &Kind| (0..kind.spec().presets.len()).map(move |index| PresetId { kind, index });
        KINDS.iter().flat_map(presets).collect()
    }

    /// What the table says about the kind.
    pub fn spec(self) -> &'static KindSpec {
        self.kind.spec()
    }

    /// What the table says about the preset.
    pub fn preset(self) -> &'static Preset {
        let presets = self.kind.spec().presets;
        &presets[self.index.min(presets.len() - 1)]
    }
}

/// Where a new node goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Its top left corner here, on the nearest point of the grid: the person dropped it there.
    At([f64; 2]),
    /// A free place beside the selection, or, if nothing is selected, near this point (the middle of the view): the
    /// person clicked in the palette or pressed a key.
    Near([f64; 2]),
}

/// A direction on the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards smaller x.
    Left,
    /// Towards larger x.
    Right,
    /// Towards smaller y.
    Up,
    /// Towards larger y.
    Down,
}

impl Direction {
    /// As a vector of length 1.
    pub fn vector(self) -> [f64; 2] {
        match self {
            Direction::Left => [-1.0, 0.0],
            Direction::Right => [1.0, 0.0],
            Direction::Up => [0.0, -1.0],
            Direction::Down => [0.0, 1.0],
        }
    }
}

/// Which end of a link is dragged elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The one that asks.
    From,
    /// The one that answers.
    To,
}

/// Identifies one drag, one press of a slider, one burst of a held key: commands with the same gesture make one step
/// of the undo history. 0 belongs to no gesture.
pub type Gesture = u64;

/// One thing that a person does to the document or the selection.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Puts a new node on the canvas and selects it.
    AddNode {
        /// What.
        preset: PresetId,
        /// Where.
        place: Place,
    },
    /// Puts a new node beside another and links the two. To the right, above and below comes what the node asks, to
    /// the left what asks it.
    AddConnected {
        /// The node it is linked to.
        from: String,
        /// What; without it, the first kind that fits.
        preset: Option<PresetId>,
        /// On which side.
        side: Direction,
    },
    /// Puts a new node where a link was dropped on the empty canvas, and links it.
    AddLinked {
        /// The node that the link was drawn from.
        from: String,
        /// What.
        preset: PresetId,
        /// Where its top left corner goes.
        at: [f64; 2],
    },
    /// Moves nodes. No event of the run: positions have no time.
    Move {
        /// Which.
        ids: Vec<String>,
        /// How far, measured from where they were when the gesture began.
        by: [f64; 2],
        /// The drag.
        gesture: Gesture,
    },
    /// Moves the selected nodes a little; nudges of the same nodes one after the other are one step of the history.
    Nudge {
        /// How far, from where they are.
        by: [f64; 2],
    },
    /// Aligns or spreads the selected nodes, or lays them out; all of them if none is selected.
    Arrange {
        /// How.
        how: Arrange,
        /// How much of the way they have gone from where they were when the gesture began: 1 is all of it.
        share: f64,
        /// The movement.
        gesture: Gesture,
    },
    /// Gives a node another name; an empty one takes it away.
    Rename {
        /// Which.
        id: String,
        /// What people call it.
        name: String,
    },
    /// Sets one parameter. Equal to its default means left out.
    SetParam {
        /// Of which node or link.
        target: Item,
        /// Its name; dotted for one inside a group (`health.fall`).
        name: String,
        /// Its value; null switches a group off, and means none where there is none.
        value: Value,
        /// A slider that is still moving.
        gesture: Gesture,
    },
    /// Puts nodes into a zone, or out of any.
    SetZone {
        /// Which.
        ids: Vec<String>,
        /// Where.
        zone: Option<String>,
    },
    /// Nodes stay where they stand, and are not deleted; or no longer.
    SetLocked {
        /// Which.
        ids: Vec<String>,
        /// Whether.
        locked: bool,
    },
    /// Draws a link.
    Link {
        /// The node that asks.
        from: String,
        /// The node that answers.
        to: String,
    },
    /// Drags one end of a link to another node.
    Relink {
        /// The link as it is: the node that asks.
        from: String,
        /// The link as it is: the node that answers.
        to: String,
        /// Which end is dragged.
        end: End,
        /// To which node.
        node: String,
    },
    /// Deletes what is selected.
    Delete,
    /// Copies the selection into [`Applied::clip`].
    Copy,
    /// Copies, then deletes.
    Cut,
    /// Adds what the clipboard holds, with new identifiers.
    Paste {
        /// The clipboard's text.
        text: String,
        /// The middle of what is pasted; without it, a little beside the original.
        at: Option<[f64; 2]>,
    },
    /// Doubles the selected nodes with their links, also those to nodes that are not selected.
    Duplicate {
        /// The drag that moves the copies on; 0 for none.
        gesture: Gesture,
    },
    /// Selects exactly these.
    Select(Vec<Item>),
    /// Adds this to the selection, or takes it out.
    Toggle(Item),
    /// Selects everything.
    SelectAll,
    /// Selects nothing.
    Deselect,
    /// Selects the nodes that a rectangle touches, and the links between them.
    Marquee {
        /// One corner.
        from: [f64; 2],
        /// The opposite corner.
        to: [f64; 2],
        /// In addition to what is selected.
        add: bool,
    },
    /// Things break or are mended: always entries of the timeline.
    Fault(Vec<Strike>),
    /// Removes an entry of the timeline, and those that make no sense without it.
    RemoveEntry(usize),
    /// Moves an entry of the timeline.
    MoveEntry {
        /// Its position in the document.
        index: usize,
        /// To when; rounded to the millisecond.
        at: Nanos,
        /// The drag.
        gesture: Gesture,
    },
    /// The document's name.
    SetName(String),
    /// The document's notes.
    SetNotes(String),
    /// The lesson that the document carries, as in its file; an empty one takes it away.
    SetLesson(Params),
    /// The seed of every random stream.
    SetSeed(u64),
    /// How long a run lasts, in simulated seconds.
    SetRunLength(f64),
    /// Promises something of the design, or no longer.
    SetSlo {
        /// The objective's name, as in `component::slo`.
        name: String,
        /// The limit; null takes it back.
        value: Value,
    },
    /// Sets what something costs.
    SetPrice {
        /// The price's name, as in `component::prices`.
        name: String,
        /// In US dollars; null is the list price.
        value: Value,
    },
    /// Makes the edits on the timeline part of the design, as if they had been there from the start; faults stay.
    KeepEdits,
    /// One step back.
    Undo,
    /// One step forward again.
    Redo,
    /// Another future of the same run: as undo can take back as any other change.
    Branch(Box<Scenario>),
    /// Another document; the history and the selection start afresh.
    Open(Box<Scenario>),
}

impl Command {
    /// The same thing happens now to each of these.
    pub fn fault(action: &Action, targets: Vec<Target>, for_s: Option<f64>) -> Command {
        let strike = |target| Strike { target, action: action.clone(), at: None, for_s, chaos: None };
        Command::Fault(targets.into_iter().map(strike).collect())
    }
}

/// Something breaks or is mended.
#[derive(Clone, Debug, PartialEq)]
pub struct Strike {
    /// What is struck.
    pub target: Target,
    /// What happens to it: no edit, but for a link's `loss_share`.
    pub action: Action,
    /// When; without it, now.
    pub at: Option<Nanos>,
    /// Undone this many seconds later.
    pub for_s: Option<f64>,
    /// The seed with which it was drawn, if it was.
    pub chaos: Option<u64>,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The document is another: save it, and send it to the worker.
    pub changed: bool,
    /// Nothing changed but what only the picture shows (positions, names, notes): the run is the same.
    pub cosmetic: bool,
    /// One sentence on what happened, for the live region; empty for what needs no words.
    pub said: String,
    /// Text for the clipboard (copy and cut).
    pub clip: Option<String>,
    /// Identifiers of the nodes that are new.
    pub added: Vec<String>,
}
