//! The one table of what a person can do by menu, command palette or key: so the three agree, and so does the help page.
//!
//! An action names an [`Act`]; [`command`] turns those that edit into a [`Command`]. What concerns only the page (zoom,
//! theme, clock) the page carries out. Knows no keyboard events: a key comes in as [`Press`].

mod keys;

pub use keys::{Modifiers, Press, Shortcut};

use super::{Arrange as Tidy, Command, Direction, Editor, Item, Line};
use crate::component::Kind;
use crate::metrics::frame::{Clock, Frame, State};
use crate::scenario::{Action as Event, Target};
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
    pub enabled: fn(&Situation) -> bool,
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
    SelectAll,
    /// Esc: ends a gesture, closes a sheet, deselects; the page decides which.
    Cancel,
    /// The page opens the name for editing.
    Rename,
    /// By 1 px, or 10 if true.
    Nudge(Direction, bool),
    Walk(Direction),
    AddConnected(Direction),
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
    /// Begins a film of the canvas, or ends it.
    Film,
    Import,
    Examples,
    NewDocument,
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
        let Target::Node(id) = target else { return false };
        let at = super::edit::instant(self.now()).max(MS);
        let pending = self.editor.document().timeline.iter().rev().find(|e| e.at() == at && e.target == *target);
        match pending.map(|e| &e.action) {
            Some(Event::Crash | Event::Freeze) => true,
            Some(Event::Recover) => false,
            _ => {
                let view = self.frame.and_then(|f| f.nodes.iter().find(|n| n.id == *id));
                view.is_some_and(|n| matches!(n.state, State::Crashed | State::Frozen))
            }
        }
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
        Act::Duplicate => Some(Command::Duplicate),
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
        Act::CrashOrRecover => {
            let targets = now.targets();
            let broken: Vec<Target> = targets.iter().filter(|t| now.is_broken(t)).cloned().collect();
            if broken.is_empty() { fault(Event::Crash, targets) } else { fault(Event::Recover, broken) }
        }
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

fn always(_: &Situation) -> bool {
    true
}
fn has_selection(s: &Situation) -> bool {
    !s.editor.selection().is_empty()
}
fn has_nodes(s: &Situation) -> bool {
    s.nodes()
}
fn two_nodes(s: &Situation) -> bool {
    s.editor.selected_nodes().len() >= 2
}
fn three_nodes(s: &Situation) -> bool {
    s.editor.selected_nodes().len() >= 3
}
fn has_design(s: &Situation) -> bool {
    !s.editor.document().nodes.is_empty()
}
fn breakable(s: &Situation) -> bool {
    !s.targets().is_empty()
}
fn only_link(s: &Situation) -> bool {
    matches!(s.editor.only_selected(), Some(Item::Link(..)))
}
fn one_node(s: &Situation) -> bool {
    matches!(s.editor.only_selected(), Some(Item::Node(_)))
}

const fn action(
    id: &'static str,
    label: &'static str,
    group: Group,
    keys: &'static [Shortcut],
    act: Act,
    enabled: fn(&Situation) -> bool,
    icon: &'static str,
) -> Action {
    Action { id, label, icon, group, keys, act, enabled }
}

const THEME: Shortcut = Shortcut { key: "d", primary: false, alt: true, shift: true };
/// A step back: the icon of a step, mirrored.
const BACK: &str = "M18 5 8 12l10 7zM5.5 5v14";
/// With two modifiers, as other canvases align.
const fn firmly(key: &'static str) -> Shortcut {
    Shortcut { key, primary: true, alt: false, shift: true }
}
const PLUS: &[Shortcut] = &[primary("+"), primary("=")];

/// Every action, in the order of menus and the help page.
#[rustfmt::skip]
pub const ACTIONS: &[Action] = {
    use Act::*;
    use Direction::{Down, Left, Right, Up};
    use Group::*;
    &[
        action("undo", "Undo", Edit, &[primary("z")], Undo, |s| s.editor.undo_label().is_some(), "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3"),
        action("redo", "Redo", Edit, &[firmly("z"), primary("y")], Redo, |s| s.editor.redo_label().is_some(), "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3"),
        action("cut", "Cut", Edit, &[primary("x")], Cut, has_nodes, "M6 9a3 3 0 1 0 0-.1M6 21a3 3 0 1 0 0-.1M8.5 7.5 20 18M8.5 16.5 20 6"),
        action("copy", "Copy", Edit, &[primary("c")], Copy, has_nodes, "M9 9h11v11H9zM5 15H4V4h11v1"),
        action("paste", "Paste", Edit, &[primary("v")], Paste, always, "M9 4h6v3H9zM9 5.500H5.500V20h13V5.500H15"),
        action("duplicate", "Duplicate with its links", Edit, &[primary("d")], Duplicate, has_nodes, "M8 8h12v12H8zM4 16V4h12M14 11v6M11 14h6"),
        action("delete", "Delete", Edit, &[key("delete"), key("backspace")], Delete, has_selection, "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.5 10.500v6M13.5 10.500v6"),
        action("rename", "Rename", Edit, &[key("enter"), key("f2")], Rename, one_node, "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"),
        action("nudge_left", "Nudge left", Edit, &[key("arrowleft")], Nudge(Left, false), has_nodes, ""),
        action("nudge_right", "Nudge right", Edit, &[key("arrowright")], Nudge(Right, false), has_nodes, ""),
        action("nudge_up", "Nudge up", Edit, &[key("arrowup")], Nudge(Up, false), has_nodes, ""),
        action("nudge_down", "Nudge down", Edit, &[key("arrowdown")], Nudge(Down, false), has_nodes, ""),
        action("nudge_far_left", "Nudge left by 10", Edit, &[shift("arrowleft")], Nudge(Left, true), has_nodes, ""),
        action("nudge_far_right", "Nudge right by 10", Edit, &[shift("arrowright")], Nudge(Right, true), has_nodes, ""),
        action("nudge_far_up", "Nudge up by 10", Edit, &[shift("arrowup")], Nudge(Up, true), has_nodes, ""),
        action("nudge_far_down", "Nudge down by 10", Edit, &[shift("arrowdown")], Nudge(Down, true), has_nodes, ""),
        action("add_left", "New node that asks this one", Edit, &[primary("arrowleft")], AddConnected(Left), one_node, ""),
        action("add_right", "New connected node", Edit, &[primary("arrowright")], AddConnected(Right), one_node, "M4 9h6v6H4zM10 12h4M17 9v6M14 12h6"),
        action("add_up", "New connected node above", Edit, &[primary("arrowup")], AddConnected(Up), one_node, ""),
        action("add_down", "New connected node below", Edit, &[primary("arrowdown")], AddConnected(Down), one_node, ""),

        action("align_left", "Align left", Edit, &[firmly("arrowleft")], Arrange(Tidy::Align(Line::Left)), two_nodes, "M4 3v18M7 6h13v4H7zM7 14h8v4H7z"),
        action("align_centre", "Align on a vertical line", Edit, &[], Arrange(Tidy::Align(Line::Centre)), two_nodes, "M12 3v3M12 10v4M12 18v3M5 6h14v4H5zM8 14h8v4H8z"),
        action("align_right", "Align right", Edit, &[firmly("arrowright")], Arrange(Tidy::Align(Line::Right)), two_nodes, "M20 3v18M4 6h13v4H4zM9 14h8v4H9z"),
        action("align_top", "Align at the top", Edit, &[firmly("arrowup")], Arrange(Tidy::Align(Line::Top)), two_nodes, "M3 4h18M6 7v13h4V7zM14 7v8h4V7z"),
        action("align_middle", "Align on a horizontal line", Edit, &[], Arrange(Tidy::Align(Line::Middle)), two_nodes, "M3 12h3M10 12h4M18 12h3M6 5v14h4V5zM14 8v8h4V8z"),
        action("align_bottom", "Align at the bottom", Edit, &[firmly("arrowdown")], Arrange(Tidy::Align(Line::Bottom)), two_nodes, "M3 20h18M6 4v13h4V4zM14 9v8h4V9z"),
        action("spread_across", "Spread from left to right", Edit, &[alt("h")], Arrange(Tidy::SpreadAcross), three_nodes, "M3 3v18M21 3v18M9 7h6v10H9z"),
        action("spread_down", "Spread from top to bottom", Edit, &[alt("v")], Arrange(Tidy::SpreadDown), three_nodes, "M3 3h18M3 21h18M7 9h10v6H7z"),
        action("layout", "Lay out in columns", Edit, &[firmly("l")], Arrange(Tidy::Layout), has_design, "M3 10h5v4H3zM16 4h5v4h-5zM16 16h5v4h-5zM8 12h4M12 6v12M12 6h4M12 18h4"),

        action("select_all", "Select all", Select, &[primary("a")], SelectAll, always, "M4 4h16v16H4zM8 8h8v8H8z"),
        action("cancel", "Cancel, deselect", Select, &[key("escape")], Cancel, always, "M6 6l12 12M18 6 6 18"),
        action("walk_left", "Walk along a link to the left", Select, &[alt("arrowleft")], Walk(Left), one_node, ""),
        action("walk_right", "Walk along a link to the right", Select, &[alt("arrowright")], Walk(Right), one_node, ""),
        action("walk_up", "Walk along a link upwards", Select, &[alt("arrowup")], Walk(Up), one_node, ""),
        action("walk_down", "Walk along a link downwards", Select, &[alt("arrowdown")], Walk(Down), one_node, ""),
        action("find", "Find a node", Select, &[primary("f")], FindNode, always, "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21"),
        action("select_tool", "Select tool", Select, &[key("v")], SelectTool, always, "M5 3.500l13 8-6 1.5-3 6z"),
        action("pan_tool", "Pan tool", Select, &[key("h")], PanTool, always, "M12 3v18M3 12h18M12 3l-2.5 2.500M12 3l2.5 2.500M12 21l-2.5-2.500M12 21l2.5-2.500M3 12l2.5-2.500M3 12l2.5 2.500M21 12l-2.5-2.500M21 12l-2.5 2.5"),

        action("play", "Play or pause", Run, &[key(" ")], PlayPause, always, "M7 4.500l12 7.5-12 7.500z"),
        action("step", "Step to the next event", Run, &[key(".")], Step, |s| !s.playing(), "M6 5l10 7-10 7zM18.5 5v14"),
        action("step_back", "Step back to the event before", Run, &[key(",")], StepBack, |s| s.now() > 0, BACK),
        action("second_on", "A second on", Run, &[shift(".")], Second(true), always, ""),
        action("second_back", "A second back", Run, &[shift(",")], Second(false), |s| s.now() > 0, ""),
        action("restart", "Back to the start", Run, &[], Restart, |s| s.now() > 0, "M19 5l-8 7 8 7zM12 5l-8 7 8 7zM3.500 5v14"),
        action("compare", "Branches, and A against B", Run, &[], Compare, always, "M6 4v16M6 9c8 0 12-1 12-5M18 20c0-6-4-8-12-8"),
        action("faster", "Faster", Run, &[key("]")], Faster, always, "M4 5l8 7-8 7zM12 5l8 7-8 7z"),
        action("slower", "Slower", Run, &[key("[")], Slower, always, "M20 5l-8 7 8 7zM12 5l-8 7 8 7z"),

        action("sweep", "Sweep: how much does it carry?", Run, &[], Sweep, has_design, "M4 20V4M4 20h16M6 17c6 0 9-3 12-11"),

        action("trace_p99", "Show a p99 request", Run, &[], TraceP99, |s| s.now() > 0, "M4 6h9v3H4zM8 11h9v3H8zM13 16h7v3h-7z"),
        action("trace_failed", "Show a failed request", Run, &[], TraceFailed, |s| s.now() > 0, "M4 6h9v3H4zM8 11h6M17 13l4 4M21 13l-4 4"),

        action("break", "Break something…", Break, &[key("b")], BreakSomething, has_design, "M13 2 4 14h6l-1 8 9-12h-6z"),
        action("crash", "Crash or recover", Break, &[key("x")], CrashOrRecover, breakable, "M12 3 2.5 20h19zM12 9.500v5M12 17.200v.1"),
        action("freeze", "Freeze", Break, &[], Freeze, breakable, "M12 3v18M4.2 7.500l15.6 9M4.2 16.500l15.6-9"),
        action("slow", "Slow down ×3", Break, &[], Slow, breakable, "M12 7v5l3.5 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z"),
        action("recover", "Recover", Break, &[], Recover, has_selection, "M4 12a8 8 0 1 0 2.5-5.800M4 4v4.500h4.5"),
        action("cut_link", "Cut the link", Break, &[], CutLink, only_link, "M3 12h6M15 12h6M10 8l4 8"),
        action("promote", "Make it the primary", Break, &[], Promote, |s| s.only_kind() == Some(Kind::Database), "M4 18 2.5 7l5.5 4L12 5l4 6 5.5-4L20 18z"),
        action("flush", "Empty it", Break, &[], Flush, |s| matches!(s.only_kind(), Some(Kind::Cache | Kind::Cdn)), "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13"),

        action("zoom_in", "Zoom in", View, PLUS, ZoomIn, always, "M12 5v14M5 12h14"),
        action("zoom_out", "Zoom out", View, &[primary("-")], ZoomOut, always, "M5 12h14"),
        action("zoom_reset", "Zoom to 100 %", View, &[primary("0")], ZoomReset, always, ""),
        action("fit_all", "Fit everything", View, &[shift("1")], FitAll, always, "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"),
        action("fit_selection", "Fit the selection", View, &[shift("2")], FitSelection, has_selection, "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 9h6v6H9z"),
        action("theme", "Light or dark", View, &[THEME], ToggleTheme, always, "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18"),
        action("outline", "Outline table", View, &[], ToggleOutline, always, "M4 5h16v14H4zM4 10h16M10 10v9"),
        action("charts", "Charts of the whole run", View, &[key("g")], Charts, always, "M4 19h16M5 15l4-5 4 3 6-8"),
        action("palette", "All commands", View, &[primary("k"), key("f1")], OpenPalette, always, "M5 8l4 4-4 4M11 17h8"),
        action("help", "Help and shortcuts", View, &[key("?")], Help, always, "M9 9.500a3 3 0 1 1 4.5 2.600c-1 .6-1.5 1.2-1.5 2.400M12 17.500v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z"),

        action("share", "Share link", Document, &[], Share, always, "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.5-5.500l-1.5 1.500M14 10a4 4 0 0 0-6-.5l-3 3A4 4 0 0 0 10.5 18l1.5-1.5"),
        action("export_json", "Save as a file", Document, &[primary("s")], ExportJson, always, "M12 4v11M8 11l4 4 4-4M4 19h16"),
        action("export_csv", "Save the charts as a table (CSV)", Document, &[], ExportCsv, |s| s.now() > 0, "M4 5h16v14H4zM4 10h16M10 5v14"),
        action("export_stack", "Save as containers that run", Document, &[], ExportStack, has_design, "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8"),
        action("export_png", "Save as a picture (PNG)", Document, &[], ExportPng, has_design, "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.500v.1"),
        action("export_svg", "Save as a drawing (SVG)", Document, &[], ExportSvg, has_design, "M5 18c2-10 8-14 14-13M3 16h4v4H3zM17 3h4v4h-4z"),
        action("film", "Record a film, or end it (WebM)", Document, &[], Film, has_design, "M4 6h11v12H4zM15 10l5-3v10l-5-3z"),
        action("import", "Open a file", Document, &[primary("o")], Import, always, "M12 15V4M8 8l4-4 4 4M4 19h16"),
        action("examples", "Examples", Document, &[], Examples, always, "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"),
        action("new", "New document", Document, &[], NewDocument, always, "M6 3.500h8l4 4v13H6zM14 3.500V8h4"),
        action("keep_edits", "Make live edits part of the design", Document, &[], KeepEdits, |s| s.editor.document().timeline.iter().any(|e| e.action.is_edit()), "M5 4h14v16l-7-4-7 4z"),
    ]
};
