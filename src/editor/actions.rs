//! The one table of what a person can do by menu, command palette or key: so the three agree, and so does the help page.
//!
//! An action names an [`Act`]; [`command`] turns those that edit into a [`Command`]. What concerns only the page (zoom,
//! theme, clock) the page carries out. Knows no keyboard events: a key comes in as [`Press`].

mod keys;

pub use keys::{Modifiers, Press, Shortcut};

use super::{Arrange as Tidy, Command, Direction, Editor, Item, Line};
use crate::component::Kind;
use crate::metrics::frame::{Clock, Frame, State};
use crate::scenario::{Action as Event, Node, Target};
use crate::time::{MS, Nanos};
use keys::{alt, key, primary, shift};

/// Something that a person can do.
#[derive(Debug)]
pub struct Action {
    /// Its identifier, for settings and tests.
    pub id: &'static str,
    /// What menus call it.
    pub label: &'static str,
    /// An SVG path in a 24 × 24 box, stroked; empty for none.
    pub icon: &'static str,
    /// The heading under which menus and the help page list it.
    pub group: Group,
    /// Keys, the first is the one that menus show.
    pub keys: &'static [Shortcut],
    /// What it does.
    pub act: Act,
    /// Whether it can be done now.
    pub needs: Need,
}

impl Action {
    /// Why it cannot be done now; none if it can.
    pub fn why_not(&self, now: &Situation) -> Option<&'static str> {
        (!(self.needs.met)(now)).then_some(self.needs.otherwise)
    }

    /// Whether it can be done now.
    pub fn enabled(&self, now: &Situation) -> bool {
        self.why_not(now).is_none()
    }
}

/// What has to be so before something can be done.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    met: fn(&Situation) -> bool,
    /// What a person is told otherwise: what to do first.
    otherwise: &'static str,
}

/// Headings of menus and the help page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Undo, clipboard, delete.
    Edit,
    /// Selecting and getting about.
    Select,
    /// The clock.
    Run,
    /// Faults.
    Break,
    /// Zoom and looks.
    View,
    /// The document as a whole.
    Document,
}

impl Group {
    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Group::Edit => "Edit",
            Group::Select => "Select and move",
            Group::Run => "Run",
            Group::Break => "Break and mend",
            Group::View => "View",
            Group::Document => "Document",
        }
    }
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The table below says it in words.
pub enum Act {
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    Duplicate,
    Delete,
    /// What is selected becomes a zone of its own.
    GroupZone,
    /// What is selected stays where it is, or no longer.
    Lock,
    /// What is selected leaves its zone.
    UngroupZone,
    SelectAll,
    /// Esc: ends a gesture, closes a sheet, deselects; the page decides which.
    Cancel,
    /// The page opens the name for editing.
    Rename,
    /// By 1 px, or 10 if true.
    Nudge(Direction, bool),
    Walk(Direction),
    AddConnected(Direction),
    /// From what is selected; the page asks where to.
    LinkTo,
    Arrange(Tidy),
    SelectTool,
    PanTool,
    PlayPause,
    Step,
    StepBack,
    /// By a second; on if true.
    Second(bool),
    Restart,
    Faster,
    Slower,
    BreakSomething,
    CrashOrRecover,
    Freeze,
    Slow,
    Recover,
    /// Everything in the zones of what is selected, or all of it back.
    LoseZone,
    CutLink,
    Promote,
    Flush,
    KeepEdits,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    FitAll,
    FitSelection,
    ToggleTheme,
    /// The page asks which.
    Language,
    ToggleOutline,
    Charts,
    Sweep,
    ExportCsv,
    TraceP99,
    TraceFailed,
    OpenPalette,
    FindNode,
    Help,
    Share,
    ExportJson,
    ExportStack,
    ExportSvg,
    ExportPng,
    /// A flowchart for Markdown.
    ExportMermaid,
    /// Begins a film of the canvas, or ends it.
    Film,
    Import,
    Examples,
    Course,
    Challenges,
    Chooser,
    WriteLesson,
    Glossary,
    NewDocument,
    DuplicateDocument,
    Compare,
}

/// What predicates look at.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The document and the selection.
    pub editor: &'a Editor,
    /// The latest frame, if the worker has sent one.
    pub frame: Option<&'a Frame>,
}

impl Situation<'_> {
    /// Whether the clock runs.
    pub fn playing(&self) -> bool {
        self.frame.is_some_and(|f| matches!(f.clock, Clock::Playing | Clock::CatchingUp { .. }))
    }

    /// The simulated time.
    pub fn now(&self) -> Nanos {
        self.frame.map_or(0, |f| f.now)
    }

    fn nodes(&self) -> bool {
        self.editor.selection().iter().any(|i| matches!(i, Item::Node(_)))
    }

    fn only_kind(&self) -> Option<Kind> {
        let Some(Item::Node(id)) = self.editor.only_selected() else { return None };
        super::edit::node_anywhere(self.editor.document(), id).and_then(|n| Kind::from_id(&n.kind))
    }

    /// The selected nodes that can break: all but users.
    fn targets(&self) -> Vec<Target> {
        let doc = self.editor.document();
        let kind = |id: &str| super::edit::node_anywhere(doc, id).and_then(|n| Kind::from_id(&n.kind));
        let nodes = self.editor.selected_nodes();
        nodes.into_iter().filter(|id| kind(id) != Some(Kind::Users)).map(Target::Node).collect()
    }

    /// Whether a node is broken now, or an entry at the next instant breaks it (while the clock stands).
    fn is_broken(&self, target: &Target) -> bool {
        let at = super::edit::instant(self.now()).max(MS);
        let pending = self.editor.document().timeline.iter().rev().find(|e| e.at() == at && e.target == *target);
        match pending.map(|e| &e.action) {
            Some(Event::Crash | Event::Freeze) => true,
            Some(Event::Recover) => false,
            _ => {
                let down = |id: &str| {
                    let view = self.frame.and_then(|f| f.nodes.iter().find(|n| n.id == id));
                    view.is_some_and(|n| matches!(n.state, State::Crashed | State::Frozen))
                };
                match target {
                    Target::Node(id) => down(id),
                    Target::Zone(zone) => {
                        let nodes = self.editor.shown(self.now()).design.nodes;
                        let inside = |n: &&Node| n.zone.as_ref() == Some(zone) && n.kind != Kind::Users.id();
                        let ids: Vec<&str> = nodes.iter().filter(inside).map(|n| n.id.as_str()).collect();
                        !ids.is_empty() && ids.into_iter().all(down)
                    }
                    _ => false,
                }
            }
        }
    }

    /// The zones in which anything selected stands.
    fn zones(&self) -> Vec<Target> {
        let shown = self.editor.shown(self.now());
        let chosen = self.editor.selected_nodes();
        let inside = shown.design.nodes.iter().filter(|n| chosen.contains(&n.id));
        let mut zones: Vec<Target> = Vec::new();
        for zone in inside.filter_map(|n| n.zone.clone()).map(Target::Zone) {
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        zones
    }
}

/// The command that an act means now; `None` for acts that the page carries out itself, and where nothing is selected.
pub fn command(act: Act, now: &Situation) -> Option<Command> {
    let fault =
        |action: Event, targets: Vec<Target>| (!targets.is_empty()).then(|| Command::fault(&action, targets, None));
    match act {
        Act::Arrange(how) => Some(Command::Arrange { how, share: 1.0, gesture: 0 }),
        Act::Undo => Some(Command::Undo),
        Act::Redo => Some(Command::Redo),
        Act::Cut => Some(Command::Cut),
        Act::Copy => Some(Command::Copy),
        Act::Duplicate => Some(Command::Duplicate { gesture: 0 }),
        Act::Delete => Some(Command::Delete),
        Act::SelectAll => Some(Command::SelectAll),
        Act::KeepEdits => Some(Command::KeepEdits),
        Act::Nudge(direction, far) => {
            let step = if far { 10.0 } else { 1.0 };
            Some(Command::Nudge { by: direction.vector().map(|v| v * step) })
        }
        Act::Walk(direction) => {
            let Item::Node(from) = now.editor.only_selected()? else { return None };
            let next = super::walk::along(&now.editor.shown(now.now()).design, from, direction)?;
            Some(Command::Select(vec![Item::Node(next)]))
        }
        Act::AddConnected(side) => {
            let Item::Node(from) = now.editor.only_selected()? else { return None };
            Some(Command::AddConnected { from: from.clone(), preset: None, side })
        }
        Act::CrashOrRecover | Act::LoseZone => {
            let targets = if act == Act::LoseZone { now.zones() } else { now.targets() };
            let broken: Vec<Target> = targets.iter().filter(|t| now.is_broken(t)).cloned().collect();
            if broken.is_empty() { fault(Event::Crash, targets) } else { fault(Event::Recover, broken) }
        }
        Act::GroupZone => {
            let taken = now.editor.document().zones();
            let zone = (b'a'..=b'z').map(|c| format!("zone-{}", char::from(c))).find(|z| !taken.contains(&z.as_str()));
            Some(Command::SetZone { ids: now.editor.selected_nodes(), zone: Some(zone?) })
        }
        Act::Lock => {
            let ids = now.editor.selected_nodes();
            let free = |id: &String| !super::edit::node_anywhere(now.editor.document(), id).is_some_and(|n| n.locked);
            Some(Command::SetLocked { locked: ids.iter().any(free), ids })
        }
        Act::UngroupZone => Some(Command::SetZone { ids: now.editor.selected_nodes(), zone: None }),
        Act::Freeze => fault(Event::Freeze, now.targets()),
        Act::Slow => fault(Event::Slow { factor: 3.0 }, now.targets()),
        Act::Recover => {
            let links = now.editor.selection().iter().filter(|i| matches!(i, Item::Link(..))).map(Item::target);
            fault(Event::Recover, now.targets().into_iter().chain(links).collect())
        }
        Act::CutLink => fault(Event::Cut, now.editor.only_selected().map(Item::target).into_iter().collect()),
        Act::Promote => fault(Event::Promote, now.targets()),
        Act::Flush => fault(Event::Flush, now.targets()),
        _ => None,
    }
}

/// The action that a key means. With `single` false, shortcuts of one typed character are switched off.
pub fn for_key(press: &Press, single: bool) -> Option<&'static Action> {
    let fits = |s: &Shortcut| s.is(press) && (single || !s.is_single_character());
    ACTIONS.iter().find(|a| a.keys.iter().any(fits))
}

/// The action that does this.
pub fn of(act: Act) -> Option<&'static Action> {
    ACTIONS.iter().find(|a| a.act == act)
}

const fn need(met: fn(&Situation) -> bool, otherwise: &'static str) -> Need {
    Need { met, otherwise }
}

const ALWAYS: Need = need(|_| true, "");
const SELECTION: Need = need(|s| !s.editor.selection().is_empty(), "select something first");
const NODES: Need = need(|s| s.nodes(), "select a component first");
const ONE_NODE: Need = need(|s| matches!(s.editor.only_selected(), Some(Item::Node(_))), "select one component first");
const TWO_NODES: Need = need(|s| s.editor.selected_nodes().len() >= 2, "select two components or more first");
const THREE_NODES: Need = need(|s| s.editor.selected_nodes().len() >= 3, "select three components or more first");
const DESIGN: Need = need(|s| !s.editor.document().nodes.is_empty(), "there is nothing on the canvas yet");
const BREAKABLE: Need = need(|s| !s.targets().is_empty(), "select a component that can break first");
const ZONED: Need = need(|s| !s.zones().is_empty(), "select a component that stands in a zone first");
const ONE_LINK: Need = need(|s| matches!(s.editor.only_selected(), Some(Item::Link(..))), "select one link first");
const ONE_DATABASE: Need = need(|s| s.only_kind() == Some(Kind::Database), "select one database first");
const ONE_CACHE: Need =
    need(|s| matches!(s.only_kind(), Some(Kind::Cache | Kind::Cdn)), "select one cache or CDN first");
const STANDS: Need = need(|s| !s.playing(), "pause the run first");
const BEGUN: Need = need(|s| s.now() > 0, "play the run first");
const UNDOABLE: Need = need(|s| s.editor.undo_label().is_some(), "nothing was changed yet");
const REDOABLE: Need = need(|s| s.editor.redo_label().is_some(), "nothing was undone");
const EDITED: Need =
    need(|s| s.editor.document().timeline.iter().any(|e| e.action.is_edit()), "nothing was edited during the run");

const fn action(
    id: &'static str,
    label: &'static str,
    group: Group,
    keys: &'static [Shortcut],
    act: Act,
    needs: Need,
    icon: &'static str,
) -> Action {
    Action { id, label, icon, group, keys, act, needs }
}

const ALT_SHIFT_D: Shortcut = Shortcut { key: "d", primary: false, alt: true, shift: true };
/// A step back: the icon of a step, mirrored.
const BACK: &str = "M18 5 8 12l10 7zM5.5 5v14";
/// With two modifiers, as other canvases align.
const fn firmly(key: &'static str) -> Shortcut {
    Shortcut { key, primary: true, alt: false, shift: true }
}
const PLUS: &[Shortcut] = &[primary("+"), primary("=")];

// Those of the bar at the top stand alone, so that a page can show them before it has the whole table.

/// In the bar.
#[rustfmt::skip]
pub const UNDO: Action = action("undo", "Undo", Group::Edit, &[primary("z")], Act::Undo, UNDOABLE, "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3");
/// In the bar.
#[rustfmt::skip]
pub const REDO: Action = action("redo", "Redo", Group::Edit, &[firmly("z"), primary("y")], Act::Redo, REDOABLE, "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3");
/// In the bar.
#[rustfmt::skip]
pub const THEME: Action = action("theme", "Light or dark", Group::View, &[ALT_SHIFT_D], Act::ToggleTheme, ALWAYS, "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18");
/// In the bar.
#[rustfmt::skip]
pub const PALETTE: Action = action("palette", "All commands", Group::View, &[primary("k"), key("f1")], Act::OpenPalette, ALWAYS, "M5 8l4 4-4 4M11 17h8");
/// In the bar.
#[rustfmt::skip]
pub const HELP: Action = action("help", "Help and shortcuts", Group::View, &[key("?")], Act::Help, ALWAYS, "M9 9.500a3 3 0 1 1 4.5 2.600c-1 .6-1.5 1.2-1.5 2.400M12 17.500v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z");

/// Every action, in the order of menus and the help page.
#[rustfmt::skip]
pub const ACTIONS: &[Action] = {
    use Act::*;
    use Direction::{Down, Left, Right, Up};
    use Group::*;
    &[
        UNDO,
        REDO,
        action("cut", "Cut", Edit, &[primary("x")], Cut, NODES, "M6 9a3 3 0 1 0 0-.1M6 21a3 3 0 1 0 0-.1M8.5 7.5 20 18M8.5 16.5 20 6"),
        action("copy", "Copy", Edit, &[primary("c")], Copy, NODES, "M9 9h11v11H9zM5 15H4V4h11v1"),
        action("paste", "Paste", Edit, &[primary("v")], Paste, ALWAYS, "M9 4h6v3H9zM9 5.500H5.500V20h13V5.500H15"),
        action("duplicate", "Duplicate with its links", Edit, &[primary("d")], Duplicate, NODES, "M8 8h12v12H8zM4 16V4h12M14 11v6M11 14h6"),
        action("delete", "Delete", Edit, &[key("delete"), key("backspace")], Delete, SELECTION, "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.5 10.500v6M13.5 10.500v6"),
        action("rename", "Rename", Edit, &[key("enter"), key("f2")], Rename, ONE_NODE, "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"),
        action("link", "Link to another component…", Edit, &[key("l")], LinkTo, ONE_NODE, "M4 12h12M12 8l4 4-4 4M20 5v14"),
        action("group", "Group as a zone", Edit, &[primary("g")], GroupZone, NODES, "M4 4h16v16H4zM8 8h4v4H8zM13 13h4v4h-4z"),
        action("ungroup", "Out of the zone", Edit, &[firmly("g")], UngroupZone, ZONED, "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M8 8h4v4H8zM13 13h4v4h-4z"),
        action("lock", "Lock in place, or unlock", Edit, &[shift("l")], Lock, NODES, "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3"),
        action("nudge_left", "Nudge left", Edit, &[key("arrowleft")], Nudge(Left, false), NODES, ""),
        action("nudge_right", "Nudge right", Edit, &[key("arrowright")], Nudge(Right, false), NODES, ""),
        action("nudge_up", "Nudge up", Edit, &[key("arrowup")], Nudge(Up, false), NODES, ""),
        action("nudge_down", "Nudge down", Edit, &[key("arrowdown")], Nudge(Down, false), NODES, ""),
        action("nudge_far_left", "Nudge left by 10", Edit, &[shift("arrowleft")], Nudge(Left, true), NODES, ""),
        action("nudge_far_right", "Nudge right by 10", Edit, &[shift("arrowright")], Nudge(Right, true), NODES, ""),
        action("nudge_far_up", "Nudge up by 10", Edit, &[shift("arrowup")], Nudge(Up, true), NODES, ""),
        action("nudge_far_down", "Nudge down by 10", Edit, &[shift("arrowdown")], Nudge(Down, true), NODES, ""),
        action("add_left", "New node that asks this one", Edit, &[primary("arrowleft")], AddConnected(Left), ONE_NODE, ""),
        action("add_right", "New connected node", Edit, &[primary("arrowright")], AddConnected(Right), ONE_NODE, "M4 9h6v6H4zM10 12h4M17 9v6M14 12h6"),
        action("add_up", "New connected node above", Edit, &[primary("arrowup")], AddConnected(Up), ONE_NODE, ""),
        action("add_down", "New connected node below", Edit, &[primary("arrowdown")], AddConnected(Down), ONE_NODE, ""),

        action("align_left", "Align left", Edit, &[firmly("arrowleft")], Arrange(Tidy::Align(Line::Left)), TWO_NODES, "M4 3v18M7 6h13v4H7zM7 14h8v4H7z"),
        action("align_centre", "Align on a vertical line", Edit, &[], Arrange(Tidy::Align(Line::Centre)), TWO_NODES, "M12 3v3M12 10v4M12 18v3M5 6h14v4H5zM8 14h8v4H8z"),
        action("align_right", "Align right", Edit, &[firmly("arrowright")], Arrange(Tidy::Align(Line::Right)), TWO_NODES, "M20 3v18M4 6h13v4H4zM9 14h8v4H9z"),
        action("align_top", "Align at the top", Edit, &[firmly("arrowup")], Arrange(Tidy::Align(Line::Top)), TWO_NODES, "M3 4h18M6 7v13h4V7zM14 7v8h4V7z"),
        action("align_middle", "Align on a horizontal line", Edit, &[], Arrange(Tidy::Align(Line::Middle)), TWO_NODES, "M3 12h3M10 12h4M18 12h3M6 5v14h4V5zM14 8v8h4V8z"),
        action("align_bottom", "Align at the bottom", Edit, &[firmly("arrowdown")], Arrange(Tidy::Align(Line::Bottom)), TWO_NODES, "M3 20h18M6 4v13h4V4zM14 9v8h4V9z"),
        action("spread_across", "Spread from left to right", Edit, &[alt("h")], Arrange(Tidy::SpreadAcross), THREE_NODES, "M3 3v18M21 3v18M9 7h6v10H9z"),
        action("spread_down", "Spread from top to bottom", Edit, &[alt("v")], Arrange(Tidy::SpreadDown), THREE_NODES, "M3 3h18M3 21h18M7 9h10v6H7z"),
        action("layout", "Lay out in columns", Edit, &[firmly("l")], Arrange(Tidy::Layout), DESIGN, "M3 10h5v4H3zM16 4h5v4h-5zM16 16h5v4h-5zM8 12h4M12 6v12M12 6h4M12 18h4"),

        action("select_all", "Select all", Select, &[primary("a")], SelectAll, ALWAYS, "M4 4h16v16H4zM8 8h8v8H8z"),
        action("cancel", "Cancel, deselect", Select, &[key("escape")], Cancel, ALWAYS, "M6 6l12 12M18 6 6 18"),
        action("walk_left", "Walk along a link to the left", Select, &[alt("arrowleft")], Walk(Left), ONE_NODE, ""),
        action("walk_right", "Walk along a link to the right", Select, &[alt("arrowright")], Walk(Right), ONE_NODE, ""),
        action("walk_up", "Walk along a link upwards", Select, &[alt("arrowup")], Walk(Up), ONE_NODE, ""),
        action("walk_down", "Walk along a link downwards", Select, &[alt("arrowdown")], Walk(Down), ONE_NODE, ""),
        action("find", "Find a node", Select, &[primary("f")], FindNode, ALWAYS, "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21"),
        action("select_tool", "Select tool", Select, &[key("v")], SelectTool, ALWAYS, "M5 3.500l13 8-6 1.5-3 6z"),
        action("pan_tool", "Pan tool", Select, &[key("h")], PanTool, ALWAYS, "M12 3v18M3 12h18M12 3l-2.5 2.500M12 3l2.5 2.500M12 21l-2.5-2.500M12 21l2.5-2.500M3 12l2.5-2.500M3 12l2.5 2.500M21 12l-2.5-2.500M21 12l-2.5 2.5"),

        action("play", "Play or pause", Run, &[key(" ")], PlayPause, ALWAYS, "M7 4.500l12 7.5-12 7.500z"),
        action("step", "Step to the next event", Run, &[key(".")], Step, STANDS, "M6 5l10 7-10 7zM18.5 5v14"),
        action("step_back", "Step back to the event before", Run, &[key(",")], StepBack, BEGUN, BACK),
        action("second_on", "A second on", Run, &[shift(".")], Second(true), ALWAYS, ""),
        action("second_back", "A second back", Run, &[shift(",")], Second(false), BEGUN, ""),
        action("restart", "Back to the start", Run, &[], Restart, BEGUN, "M19 5l-8 7 8 7zM12 5l-8 7 8 7zM3.500 5v14"),
        action("compare", "Branches, and A against B", Run, &[], Compare, ALWAYS, "M6 4v16M6 9c8 0 12-1 12-5M18 20c0-6-4-8-12-8"),
        action("faster", "Faster", Run, &[key("]")], Faster, ALWAYS, "M4 5l8 7-8 7zM12 5l8 7-8 7z"),
        action("slower", "Slower", Run, &[key("[")], Slower, ALWAYS, "M20 5l-8 7 8 7zM12 5l-8 7 8 7z"),

        action("sweep", "Sweep: how much does it carry?", Run, &[], Sweep, DESIGN, "M4 20V4M4 20h16M6 17c6 0 9-3 12-11"),

        action("trace_p99", "Show a p99 request", Run, &[], TraceP99, BEGUN, "M4 6h9v3H4zM8 11h9v3H8zM13 16h7v3h-7z"),
        action("trace_failed", "Show a failed request", Run, &[], TraceFailed, BEGUN, "M4 6h9v3H4zM8 11h6M17 13l4 4M21 13l-4 4"),

        action("break", "Break something…", Break, &[key("b")], BreakSomething, DESIGN, "M13 2 4 14h6l-1 8 9-12h-6z"),
        action("crash", "Crash or recover", Break, &[key("x")], CrashOrRecover, BREAKABLE, "M12 3 2.5 20h19zM12 9.500v5M12 17.200v.1"),
        action("lose_zone", "Lose the zone, or bring it back", Break, &[shift("x")], LoseZone, ZONED, "M4 4h16v16H4zM8.500 8.500l7 7M15.500 8.500l-7 7"),
        action("freeze", "Freeze", Break, &[], Freeze, BREAKABLE, "M12 3v18M4.2 7.500l15.6 9M4.2 16.500l15.6-9"),
        action("slow", "Slow down ×3", Break, &[], Slow, BREAKABLE, "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z"),
        action("recover", "Recover", Break, &[], Recover, SELECTION, "M4 12a8 8 0 1 0 2.5-5.800M4 4v4.500h4.5"),
        action("cut_link", "Cut the link", Break, &[], CutLink, ONE_LINK, "M3 12h6M15 12h6M10 8l4 8"),
        action("promote", "Make it the primary", Break, &[], Promote, ONE_DATABASE, "M4 18 2.5 7l5.5 4L12 5l4 6 5.5-4L20 18z"),
        action("flush", "Empty it", Break, &[], Flush, ONE_CACHE, "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13"),

        action("zoom_in", "Zoom in", View, PLUS, ZoomIn, ALWAYS, "M12 5v14M5 12h14"),
        action("zoom_out", "Zoom out", View, &[primary("-")], ZoomOut, ALWAYS, "M5 12h14"),
        action("zoom_reset", "Zoom to 100 %", View, &[primary("0")], ZoomReset, ALWAYS, ""),
        action("fit_all", "Fit everything", View, &[shift("1")], FitAll, ALWAYS, "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"),
        action("fit_selection", "Fit the selection", View, &[shift("2")], FitSelection, SELECTION, "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 9h6v6H9z"),
        THEME,
        action("language", "Language…", View, &[], Language, ALWAYS, "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c-5 5-5 13 0 18 5-5 5-13 0-18"),
        action("outline", "Outline table", View, &[], ToggleOutline, ALWAYS, "M4 5h16v14H4zM4 10h16M10 10v9"),
        action("charts", "Charts of the whole run", View, &[key("g")], Charts, ALWAYS, "M4 19h16M5 15l4-5 4 3 6-8"),
        PALETTE,
        HELP,

        action("share", "Share link", Document, &[], Share, ALWAYS, "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.5-5.500l-1.5 1.500M14 10a4 4 0 0 0-6-.5l-3 3A4 4 0 0 0 10.5 18l1.5-1.5"),
        action("export_json", "Save as a file", Document, &[primary("s")], ExportJson, ALWAYS, "M12 4v11M8 11l4 4 4-4M4 19h16"),
        action("export_csv", "Save the charts as a table (CSV)", Document, &[], ExportCsv, BEGUN, "M4 5h16v14H4zM4 10h16M10 5v14"),
        action("export_stack", "Save as containers that run", Document, &[], ExportStack, DESIGN, "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8"),
        action("export_png", "Save as a picture (PNG)", Document, &[], ExportPng, DESIGN, "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.500v.1"),
        action("export_svg", "Save as a drawing (SVG)", Document, &[], ExportSvg, DESIGN, "M5 18c2-10 8-14 14-13M3 16h4v4H3zM17 3h4v4h-4z"),
        action("export_mermaid", "Save as a diagram for Markdown (Mermaid)", Document, &[], ExportMermaid, DESIGN, "M4 4h6v5H4zM14 15h6v5h-6zM7 9v8.500h7M14 17.500"),
        action("film", "Record a film, or end it (WebM)", Document, &[], Film, DESIGN, "M4 6h11v12H4zM15 10l5-3v10l-5-3z"),
        action("import", "Open a file", Document, &[primary("o")], Import, ALWAYS, "M12 15V4M8 8l4-4 4 4M4 19h16"),
        action("examples", "Gallery of examples", Document, &[], Examples, ALWAYS, "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"),
        action("course", "Course: from zero to a million", Document, &[], Course, ALWAYS, "M3 6l9-3 9 3-9 3zM6 8v6c0 2 12 2 12 0V8M21 6v7"),
        action("challenges", "Challenges", Document, &[], Challenges, ALWAYS, "M7 3h10v6a5 5 0 0 1-10 0zM12 14v4M8 21h8M12 18l4 3M12 18l-4 3"),
        action("chooser", "Which database?", Document, &[], Chooser, ALWAYS, "M5 6c0-4 14-4 14 0v12c0 4-14 4-14 0zM5 6c0 4 14 4 14 0M5 12c0 4 14 4 14 0"),
        action("write_lesson", "Write a lesson, or preview it", Document, &[], WriteLesson, ALWAYS, "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"),
        action("glossary", "Glossary: what words mean", Document, &[], Glossary, ALWAYS, "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM9 8h6M9 12h6"),
        action("new", "New document", Document, &[], NewDocument, ALWAYS, "M6 3.500h8l4 4v13H6zM14 3.500V8h4"),
        action("duplicate_document", "Duplicate the document", Document, &[], DuplicateDocument, DESIGN, "M8 3.500h7l4 4V16H8zM15 3.500V8h4M8 8H5v12.500h10V16"),
        action("keep_edits", "Make live edits part of the design", Document, &[], KeepEdits, EDITED, "M5 4h14v16l-7-4-7 4z"),
    ]
};
