//! What the hand does on the canvas: from pointer events to commands. One gesture at a time; each ends as one step of
//! the undo history or as none.
//!
//! Decides nothing about documents: what may be linked, where cards snap and what a marquee holds, the library says.

use super::{overlay, zones};
use crate::mode::Mode;
use crate::store::{Menu, Store};
use crate::tracer;
use leptos::prelude::*;
use loadstone::editor::place::{Guide, Rect, snap};
use loadstone::editor::{Arrange, Command, Editor, End, Gesture, Item};
use loadstone::metrics::samples::Wanted;
use loadstone::scene::wire::{Curve, loose};
use wasm_bindgen::prelude::*;
use web_sys::{Element, PointerEvent};

/// Less than this is a click.
const SLOP: f64 = 4.0;
/// How near to a card a link must be dropped.
const REACH: f64 = 20.0;
/// A finger that rests this long opens the menu.
const LONG_PRESS_MS: u64 = 500;

/// What is going on.
#[derive(Clone, Debug, Default)]
pub enum Doing {
    /// Nothing.
    #[default]
    Nothing,
    /// A button went down on these; nothing moved yet.
    Press { on: Vec<Item>, at: [f64; 2], add: bool, copy: bool },
    /// The canvas follows the pointer.
    Pan { last: [f64; 2] },
    /// Cards follow the pointer.
    Drag { ids: Vec<String>, at: [f64; 2], around: Rect, others: Vec<Rect>, gesture: Gesture },
    /// A rectangle is drawn.
    Marquee { at: [f64; 2], to: [f64; 2], add: bool, moved: bool },
    /// A link is drawn; `sticky` once its start was clicked rather than dragged.
    Wire { from: String, at: [f64; 2], sticky: bool },
    /// An end of a link is dragged.
    Rewire { from: String, to: String, end: End },
    /// Two fingers.
    Pinch { middle: [f64; 2], apart: f64 },
}

/// The link that is being drawn, and what would come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Where it runs; in canvas coordinates.
    pub curve: Curve,
    /// The card that it would end at.
    pub target: Option<String>,
    /// Why that makes no sense; empty if it does.
    pub why_not: String,
    /// The pointer on the screen.
    pub pointer: [f64; 2],
}

/// The hand's signals.
#[derive(Clone, Copy)]
pub struct Hand {
    /// What is going on.
    pub doing: StoredValue<Doing>,
    /// Guides to show.
    pub guides: RwSignal<Vec<Guide>>,
    /// The rectangle to show.
    pub marquee: RwSignal<Option<Rect>>,
    /// The link to show.
    pub draft: RwSignal<Option<Draft>>,
    /// The canvas is being held, or could be.
    pub held: RwSignal<bool>,
    /// Space is down.
    pub space: RwSignal<bool>,
    /// Space was used to pan, so that letting go does not play.
    pub panned: StoredValue<bool>,
    /// The pointer is over the canvas.
    pub inside: StoredValue<bool>,
    /// The last place of the pointer on the canvas element.
    pub pointer: StoredValue<[f64; 2]>,
    /// Cards that are on their way into order, and the movement's number.
    pub glide: StoredValue<Option<(Arrange, Gesture)>>,
    /// A long press opened a menu under the finger that is still down.
    pub rested: StoredValue<bool>,
    fingers: StoredValue<Vec<(i32, [f64; 2])>>,
    press: StoredValue<u64>,
    gestures: StoredValue<u64>,
}

impl Default for Hand {
    fn default() -> Self {
        Self {
            doing: StoredValue::new(Doing::Nothing),
            guides: RwSignal::default(),
            marquee: RwSignal::default(),
            draft: RwSignal::default(),
            held: RwSignal::new(false),
            space: RwSignal::new(false),
            panned: StoredValue::new(false),
            inside: StoredValue::new(false),
            pointer: StoredValue::new([0.0; 2]),
            glide: StoredValue::new(None),
            rested: StoredValue::new(false),
            fingers: StoredValue::default(),
            press: StoredValue::new(0),
            gestures: StoredValue::new(0),
        }
    }
}

/// What lies under the pointer.
enum Under {
    Handle(String),
    End(String, String, End),
    Things(Vec<Item>),
    Canvas,
}

fn under(store: Store, event: &PointerEvent) -> Under {
    let Some(element) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return Under::Canvas };
    let up = |selector: &str| element.closest(selector).ok().flatten();
    let mut things = things(store, &element);
    match (up("[data-handle]"), up("[data-end]"), things.pop()) {
        (_, _, None) => Under::Canvas,
        (Some(_), _, Some(Item::Node(id))) => Under::Handle(id),
        (_, Some(end), Some(Item::Link(from, to))) => {
            let which = if end.get_attribute("data-end").as_deref() == Some("from") { End::From } else { End::To };
            Under::End(from, to, which)
        }
        (_, _, Some(last)) => {
            things.push(last);
            Under::Things(things)
        }
    }
}

/// What an element of the canvas stands for: a node, a link, everything in a zone, or nothing.
fn things(store: Store, element: &Element) -> Vec<Item> {
    let named = |name: &str| {
        let of = element.closest(&format!("[{name}]")).ok().flatten();
        of.and_then(|e| e.get_attribute(name))
    };
    if let Some(id) = named("data-node") {
        return vec![Item::Node(id)];
    }
    if let Some(zone) = named("data-zone") {
        return zones::inside(store, &zone);
    }
    let link = named("data-link");
    link.and_then(|l| l.split_once('>').map(|(a, b)| Item::Link(a.into(), b.into()))).into_iter().collect()
}

/// Selects these, or, with `add`, these as well; one that is selected already, then no longer.
fn choose(store: Store, mut on: Vec<Item>, add: bool) {
    match (add, on.len()) {
        (true, 1) => on.into_iter().for_each(|item| {
            store.apply(Command::Toggle(item));
        }),
        (true, _) => {
            store.editor.with_untracked(|e| on.extend(e.selection().iter().cloned()));
            store.apply(Command::Select(on));
        }
        (false, _) => {
            store.apply(Command::Select(on));
        }
    }
}

/// A pointer event's place on the canvas element.
pub fn place_of(event: &web_sys::MouseEvent) -> [f64; 2] {
    let board = document().get_element_by_id("board").map(|b| b.get_bounding_client_rect());
    let (x, y) = board.map_or((0.0, 0.0), |r| (r.left(), r.top()));
    [f64::from(event.client_x()) - x, f64::from(event.client_y()) - y]
}

impl Hand {
    /// The number of a new gesture.
    pub fn gesture(self) -> Gesture {
        self.gestures.update_value(|n| *n += 1);
        // Sliders and fields number theirs from another end.
        self.gestures.get_value() << 1
    }

    /// A button or finger goes down.
    pub fn down(self, store: Store, event: &PointerEvent) {
        crate::act::land(store, self);
        let at = place_of(event);
        self.pointer.set_value(at);
        store.menu.set(None);
        let touch = event.pointer_type() == "touch";
        if touch && self.finger_down(store, event.pointer_id(), at) {
            return;
        }
        if event.button() == 1
            || (event.button() == 0 && (self.space.get_untracked() || store.pan_tool.get_untracked()))
        {
            event.prevent_default();
            self.begin_pan(at);
            return;
        }
        if event.button() != 0 {
            return;
        }
        let world = store.camera.get_untracked().to_world(at);
        if let Doing::Wire { from, sticky: true, .. } = self.doing.get_value() {
            self.drop_wire(store, &from, world);
            return;
        }
        let add = event.shift_key();
        match under(store, event) {
            // Where nothing can be changed, the canvas moves under the hand.
            Under::Handle(_) | Under::End(..) if store.mode != Mode::Edit => self.begin_pan(at),
            Under::Canvas if store.mode == Mode::Embed => self.begin_pan(at),
            Under::Handle(from) => {
                self.doing.set_value(Doing::Wire { from, at, sticky: false });
                self.move_wire(store, at);
            }
            Under::End(from, to, end) => self.doing.set_value(Doing::Rewire { from, to, end }),
            Under::Things(on) => {
                self.doing.set_value(Doing::Press { on, at, add, copy: event.alt_key() });
                if touch {
                    self.await_long_press(store, at);
                }
            }
            Under::Canvas if touch => {
                self.begin_pan(at);
                self.await_long_press(store, at);
            }
            Under::Canvas => self.doing.set_value(Doing::Marquee { at: world, to: world, add, moved: false }),
        }
    }

    fn begin_pan(self, at: [f64; 2]) {
        self.panned.set_value(true);
        self.held.set(true);
        self.doing.set_value(Doing::Pan { last: at });
    }

    /// Counts fingers; true if a second one began a pinch.
    fn finger_down(self, store: Store, id: i32, at: [f64; 2]) -> bool {
        self.fingers.update_value(|f| {
            f.retain(|(i, _)| *i != id);
            f.push((id, at));
        });
        let fingers = self.fingers.get_value();
        if fingers.len() < 2 {
            return false;
        }
        self.cancel(store);
        self.fingers.set_value(fingers.clone());
        let (middle, apart) = pair(&fingers);
        self.doing.set_value(Doing::Pinch { middle, apart });
        true
    }

    fn await_long_press(self, store: Store, at: [f64; 2]) {
        self.press.update_value(|n| *n += 1);
        let press = self.press.get_value();
        let open = move || {
            let still = match self.doing.get_value() {
                Doing::Press { on, .. } => Some(on),
                Doing::Pan { last } if last == at => Some(Vec::new()),
                _ => None,
            };
            if let Some(on) = still.filter(|_| self.press.get_value() == press) {
                self.cancel(store);
                self.rested.set_value(true);
                self.open_menu(store, at, on);
            }
        };
        set_timeout(open, std::time::Duration::from_millis(LONG_PRESS_MS));
    }

    /// Opens the menu of a thing, or of the canvas.
    pub fn open_menu(self, store: Store, at: [f64; 2], on: Vec<Item>) {
        if store.mode != Mode::Edit {
            return;
        }
        if on.is_empty() {
            store.apply(Command::Deselect);
        } else if !selected(store, &on) {
            store.apply(Command::Select(on));
        }
        let board = document().get_element_by_id("board").map(|b| b.get_bounding_client_rect());
        let (x, y) = board.map_or((0.0, 0.0), |r| (r.left(), r.top()));
        store.menu.set(Some(Menu::Context([at[0] + x, at[1] + y])));
    }

    /// The browser's context menu was asked for.
    pub fn context(self, store: Store, event: &web_sys::MouseEvent) {
        event.prevent_default();
        let element = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        let on = element.map(|e| things(store, &e)).unwrap_or_default();
        let at = if event.client_x() == 0 && event.client_y() == 0 { [40.0, 40.0] } else { place_of(event) };
        self.open_menu(store, at, on);
    }

    /// The pointer moves.
    pub fn moved(self, store: Store, event: &PointerEvent) {
        let at = place_of(event);
        self.pointer.set_value(at);
        if event.pointer_type() == "touch" {
            self.fingers
                .update_value(|f| f.iter_mut().filter(|(i, _)| *i == event.pointer_id()).for_each(|f| f.1 = at));
        }
        let camera = store.camera.get_untracked();
        match self.doing.get_value() {
            Doing::Press { on, at: from, add, copy } if far(from, at) => {
                capture(event);
                self.begin_drag(store, on, from, add, copy);
                self.drag(store, at);
            }
            Doing::Drag { .. } => self.drag(store, at),
            Doing::Pan { last } => {
                store.camera.set(camera.panned([at[0] - last[0], at[1] - last[1]]));
                self.doing.set_value(Doing::Pan { last: at });
            }
            Doing::Marquee { at: from, add, moved, .. } => {
                let world = camera.to_world(at);
                let moved = moved || far(camera.to_screen(from), at);
                if moved {
                    capture(event);
                    self.marquee.set(Some(Rect::corners(from, world)));
                }
                self.doing.set_value(Doing::Marquee { at: from, to: world, add, moved });
            }
            Doing::Wire { from, at: start, sticky } => {
                if !sticky && far(start, at) {
                    capture(event);
                }
                let _ = from;
                self.move_wire(store, at);
            }
            Doing::Rewire { from, to, end } => {
                capture(event);
                self.move_end(store, &from, &to, end, at);
            }
            Doing::Pinch { middle, apart } => {
                let fingers = self.fingers.get_value();
                if fingers.len() >= 2 {
                    let (now, wide) = pair(&fingers);
                    let moved = camera.panned([now[0] - middle[0], now[1] - middle[1]]);
                    store.camera.set(moved.zoomed(wide / apart.max(1.0), now));
                    self.doing.set_value(Doing::Pinch { middle: now, apart: wide });
                }
            }
            _ => {}
        }
    }

    fn begin_drag(self, store: Store, on: Vec<Item>, at: [f64; 2], add: bool, copy: bool) {
        if store.mode != Mode::Edit || !matches!(on.first(), Some(Item::Node(_))) {
            return self.begin_pan(at);
        }
        if !selected(store, &on) {
            choose(store, on, add);
        }
        let gesture = self.gesture();
        if copy {
            store.apply(Command::Duplicate { gesture });
        }
        let ids = store.editor.with_untracked(Editor::selected_nodes);
        let scene = store.scene.get_untracked();
        let (moving, others): (Vec<_>, Vec<_>) = scene.cards.iter().partition(|c| ids.contains(&c.id));
        let around = Rect::around(moving.iter().map(|c| c.rect)).unwrap_or_default();
        let others = others.iter().map(|c| c.rect).collect();
        self.held.set(true);
        self.doing.set_value(Doing::Drag { ids, at, around, others, gesture });
    }

    fn drag(self, store: Store, to: [f64; 2]) {
        let Doing::Drag { ids, at, around, others, gesture } = self.doing.get_value() else { return };
        let zoom = store.camera.get_untracked().zoom;
        let by = [(to[0] - at[0]) / zoom, (to[1] - at[1]) / zoom];
        let snapped = snap(around, by, &others, zoom);
        self.guides.set(snapped.guides);
        store.apply(Command::Move { ids, by: snapped.by, gesture });
    }

    fn move_wire(self, store: Store, at: [f64; 2]) {
        let Doing::Wire { from, .. } = self.doing.get_value() else { return };
        let world = store.camera.get_untracked().to_world(at);
        let target = store.stage.with_untracked(|s| s.0.node_near(world, REACH).map(str::to_owned));
        let target = target.filter(|t| *t != from);
        let now = store.edit_time();
        let why_not = target.as_ref().and_then(|to| store.editor.with_untracked(|e| e.can_link(&from, to, now)).err());
        self.show_draft(store, &from, world, target, why_not.unwrap_or_default(), at);
    }

    fn show_draft(
        self,
        store: Store,
        fixed: &str,
        world: [f64; 2],
        target: Option<String>,
        why_not: String,
        pointer: [f64; 2],
    ) {
        let scene = store.scene.get_untracked();
        let card = |id: &str| scene.cards.iter().find(|c| c.id == id).map(|c| c.rect);
        let end = target.as_deref().and_then(card).map_or(world, |r| r.centre());
        let curve = card(fixed).map(|r| loose(&r, end)).unwrap_or_default();
        self.draft.set(Some(Draft { curve, target, why_not, pointer }));
    }

    fn move_end(self, store: Store, from: &str, to: &str, end: End, at: [f64; 2]) {
        let world = store.camera.get_untracked().to_world(at);
        let fixed = if end == End::To { from } else { to };
        let target = store.stage.with_untracked(|s| s.0.node_near(world, REACH).map(str::to_owned));
        let target = target.filter(|t| t != fixed);
        let now = store.edit_time();
        let same = if end == End::To { to } else { from };
        let why_not = target.as_ref().filter(|t| *t != same).and_then(|t| {
            let (a, b) = if end == End::To { (from, t.as_str()) } else { (t.as_str(), to) };
            store.editor.with_untracked(|e| e.can_link(a, b, now)).err()
        });
        self.show_draft(store, fixed, world, target, why_not.unwrap_or_default(), at);
    }

    /// A button or finger goes up.
    pub fn up(self, store: Store, event: &PointerEvent) {
        let at = place_of(event);
        self.press.update_value(|n| *n += 1);
        self.fingers.update_value(|f| f.retain(|(i, _)| *i != event.pointer_id()));
        let world = store.camera.get_untracked().to_world(at);
        match self.doing.get_value() {
            doing
                if is_on_empty_space(&doing)
                    && let Some(request) =
                        overlay::request_at(at, if event.pointer_type() == "touch" { 18.0 } else { 9.0 }) =>
            {
                self.end();
                tracer::ask(store, Wanted::This(request));
            }
            Doing::Press { on, add, .. } => {
                self.end();
                choose(store, on, add);
                if !add {
                    store.sheet.update(|s| {
                        if *s == "palette" {
                            *s = ""
                        }
                    });
                }
            }
            Doing::Marquee { at: from, to, add, moved } => {
                self.end();
                if moved {
                    store.apply(Command::Marquee { from, to, add });
                } else if !add {
                    store.apply(Command::Deselect);
                }
            }
            Doing::Wire { from, at: start, sticky: false } => {
                if far(start, at) {
                    self.drop_wire(store, &from, world);
                } else {
                    // A click on the handle: the link follows the pointer until the next click.
                    self.doing.set_value(Doing::Wire { from, at, sticky: true });
                }
            }
            Doing::Wire { sticky: true, .. } => {}
            Doing::Rewire { from, to, end } => {
                let target = self.draft.get_untracked().and_then(|d| d.target);
                self.end();
                if let Some(node) = target {
                    store.apply(Command::Relink { from, to, end, node });
                }
            }
            Doing::Pinch { .. } => match self.fingers.get_value().first() {
                Some((_, at)) => self.doing.set_value(Doing::Pan { last: *at }),
                None => self.end(),
            },
            Doing::Pan { .. } => {
                self.end();
                if event.pointer_type() == "touch" && matches!(under(store, event), Under::Canvas) {
                    store.apply(Command::Deselect);
                }
            }
            _ => self.end(),
        }
    }

    fn drop_wire(self, store: Store, from: &str, world: [f64; 2]) {
        let target = store.stage.with_untracked(|s| s.0.node_near(world, REACH).map(str::to_owned));
        self.end();
        match target {
            Some(to) if to == from => {}
            Some(to) => {
                store.apply(Command::Link { from: from.to_owned(), to });
            }
            None => {
                let screen = store.camera.get_untracked().to_screen(world);
                let board = document().get_element_by_id("board").map(|b| b.get_bounding_client_rect());
                let (x, y) = board.map_or((0.0, 0.0), |r| (r.left(), r.top()));
                let at = [screen[0] + x, screen[1] + y];
                store.menu.set(Some(Menu::Fitting { at, from: from.to_owned(), world }));
            }
        }
    }

    /// Ends whatever goes on; true if something did.
    pub fn cancel(self, store: Store) -> bool {
        let doing = self.doing.get_value();
        let busy = !matches!(doing, Doing::Nothing);
        self.end();
        if let Doing::Drag { ids, gesture, .. } = doing {
            // A drag is measured from where it began, so this puts the cards back.
            store.apply(Command::Move { ids, by: [0.0, 0.0], gesture });
        }
        busy
    }

    fn end(self) {
        self.doing.set_value(Doing::Nothing);
        self.guides.set(Vec::new());
        self.marquee.set(None);
        self.draft.set(None);
        self.held.set(false);
    }
}

/// Whether all of these are selected.
fn selected(store: Store, all: &[Item]) -> bool {
    store.editor.with_untracked(|e| all.iter().all(|item| e.selection().contains(item)))
}

/// A click between the cards, where requests fly.
fn is_on_empty_space(doing: &Doing) -> bool {
    match doing {
        Doing::Press { on, add: false, .. } => matches!(on[..], [Item::Link(..)]),
        doing => matches!(doing, Doing::Marquee { add: false, moved: false, .. }),
    }
}

fn far(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).abs().max((a[1] - b[1]).abs()) >= SLOP
}

fn pair(fingers: &[(i32, [f64; 2])]) -> ([f64; 2], f64) {
    let (a, b) = (fingers[0].1, fingers[1].1);
    ([(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0], (a[0] - b[0]).hypot(a[1] - b[1]))
}

/// From now on the canvas gets this pointer's events, wherever it goes. Not before something moved: a captured pointer's
/// click would miss what it clicked.
fn capture(event: &PointerEvent) {
    if let Some(board) = document().get_element_by_id("board") {
        let _ = board.set_pointer_capture(event.pointer_id());
    }
}
