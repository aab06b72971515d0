//! What the page knows: the document, what the worker last said, and how the page itself stands. One small `Copy`
//! struct of signals that every component gets.
//!
//! Commands go in through [`Store::apply`], frames through [`Store::hear`]; both only pass on what the library decides.

mod frames;

pub use frames::Beat;

use super::host;
use super::later::{self, Later};
use super::mode::Mode;
use super::shelf::{self, Kept};
use leptos::prelude::*;
use loadstone::codec;
use loadstone::editor::actions::Situation;
use loadstone::editor::branches::Branches;
use loadstone::editor::{Command, Editor};
use loadstone::metrics::frame::{Clock, Frame, LogLine};
use loadstone::metrics::measurement::Measurement;
use loadstone::metrics::samples::Wanted;
use loadstone::scenario::Scenario;
use loadstone::scene::{Scene, Stage, camera::Camera, chart::Series};
use loadstone::texts::said;
use loadstone::time::{Nanos, from_s};
use loadstone::worker::ToWorker;
use std::sync::Arc;

/// Speeds to choose from, in simulated seconds per second.
pub const SPEEDS: &[f64] = &[0.001, 0.01, 0.1, 0.25, 1.0, 2.0, 5.0, 10.0, 100.0];
/// A live edit lands this long ahead on the screen, so that the worker has not simulated past it when it hears of it.
const LEAD_S: f64 = 0.08;

/// A dialog that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Dialog {
    Share,
    Examples,
    Course,
    Challenges,
    /// Which database.
    Chooser,
    /// The term that is looked up at once, and what a setting says of itself.
    Glossary(&'static str, &'static str),
    /// At this time of the run; without it, now.
    Faults(Option<Nanos>),
    Help,
    Commands,
    /// A node to go to.
    Find,
    /// A node to link the selected one to.
    LinkTo,
    Languages,
}

/// A pane of the large charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The run so far.
    Run,
    /// One parameter at many values.
    Sweep,
}

/// A menu that is open, and where on the screen.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Menu {
    Documents([f64; 2]),
    Context([f64; 2]),
    /// Kinds that fit where a link from this node was dropped; the second point is on the canvas.
    Fitting {
        at: [f64; 2],
        from: String,
        world: [f64; 2],
    },
}

/// A message above the canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it says.
    pub words: String,
    /// Something is wrong.
    pub bad: bool,
    /// What takes it back.
    pub remedy: Option<Remedy>,
}

/// What takes back what a message tells of.
#[derive(Clone, Debug, PartialEq)]
pub enum Remedy {
    /// An undo, as long as the document's revision is this.
    Undo(u64),
    /// This document goes back to the shelf.
    PutBack(Kept, Arc<str>),
}

/// What the inspector shows of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tab {
    Settings,
    Live,
    Why,
}

/// Signals of the whole page.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Store {
    pub mode: Mode,
    pub editor: RwSignal<Editor>,
    pub stage: Memo<Shared<Stage>>,
    pub scene: Memo<Arc<Scene>>,
    /// The frame that cards, inspector and charts show; a moment old at most.
    pub frame: RwSignal<Option<Arc<Frame>>>,
    /// The newest frame.
    pub latest: StoredValue<Option<Arc<Frame>>>,
    pub clock: RwSignal<Clock>,
    /// Simulated time, moved on between frames.
    pub now: RwSignal<Nanos>,
    pub end: RwSignal<Nanos>,
    pub achieved: RwSignal<f64>,
    pub per_dot: RwSignal<u32>,
    pub speed: RwSignal<f64>,
    pub log: RwSignal<Vec<LogLine>>,
    pub series: StoredValue<Series>,
    pub refused: RwSignal<Option<String>>,
    /// When the newest frame came, and whether anything came since the calm view was refreshed.
    pub beat: StoredValue<Beat>,
    pub camera: RwSignal<Camera>,
    pub screen: RwSignal<[f64; 2]>,
    pub pan_tool: RwSignal<bool>,
    pub renaming: RwSignal<Option<String>>,
    pub dialog: RwSignal<Option<Dialog>>,
    pub menu: RwSignal<Option<Menu>>,
    pub notice: RwSignal<Option<Notice>>,
    pub said: RwSignal<String>,
    pub try_this: RwSignal<Option<&'static str>>,
    pub outline: RwSignal<bool>,
    /// The large charts, if they are open.
    pub graphs: RwSignal<Option<Pane>>,
    /// Other futures of the run.
    pub branches: RwSignal<Branches>,
    /// How far the present document's run has been seen.
    pub reached: StoredValue<Nanos>,
    /// The request that is followed, if one is.
    pub tracing: RwSignal<Option<Wanted>>,
    /// Since when a film is recorded, by the page's clock in ms, if one is.
    pub filming: RwSignal<Option<f64>>,
    /// The lesson of the document is shown.
    pub lesson: RwSignal<bool>,
    /// Whether the lesson is being written.
    pub authoring: RwSignal<bool>,
    /// The step at which the next lesson begins; without one, where it was left.
    pub lesson_step: StoredValue<Option<usize>>,
    /// The panel of branches and of A against B is open.
    pub versus: RwSignal<bool>,
    /// What B says, for the charts. Told of when B has come to a moment while the clock stands; else charts go by frames.
    pub rival: RwSignal<Option<Series>>,
    /// The inspector's tab as the person chose it; without a choice, whichever suits.
    pub tab: RwSignal<Option<Tab>>,
    /// The newest measurement over the whole run that was asked for.
    pub measured: RwSignal<Option<Arc<Measurement>>>,
    pub palette_open: RwSignal<bool>,
    pub inspector_open: RwSignal<bool>,
    pub sheet: RwSignal<&'static str>,
    pub single_keys: RwSignal<bool>,
    pub still: RwSignal<bool>,
    /// The person wants the run to stand: a worker that is started again must not play on.
    pub stand: StoredValue<bool>,
    /// The document's identifier on the shelf.
    pub doc_id: RwSignal<String>,
    /// The part of the page that answers a person, once it is there.
    pub later: RwSignal<Option<&'static Later>>,
    /// Counts savings, so that the newest cancels those before.
    pub saving: StoredValue<u64>,
}

/// Shared by pointer: equal only if it is the same.
#[derive(Debug)]
pub struct Shared<T>(pub Arc<T>);
impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A memo whose code does not depend on the closure's type: with dozens of memos, that is a good part of the download.
pub fn memo<T: PartialEq + Send + Sync + 'static>(read: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn erased<T: PartialEq + Send + Sync + 'static>(read: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| read())
    }
    erased(Box::new(read))
}

/// The page's clock, in ms.
pub fn wall_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

impl Store {
    /// Opens this document.
    pub fn new(doc: Scenario, doc_id: String) -> Store {
        let editor = RwSignal::new(Editor::new(doc));
        let now = RwSignal::new(0);
        let clock = RwSignal::new(Clock::Paused);
        let frame: RwSignal<Option<Arc<Frame>>> = RwSignal::new(None);
        // What has joined and left by now. A signal of its own, set when that changes: the time changes with every frame of the
        // screen, and whatever follows it is looked at as often.
        let due = RwSignal::new(Default::default());
        Effect::new(move |_| {
            let at = time_to_edit(&clock.read(), now.get(), 0.0);
            let stands = !matches!(*clock.read(), Clock::Playing);
            let key = editor.with(|e| (e.shown_key(at), if stands { at } else { 0 }));
            if due.get_untracked() != key {
                due.set(key);
            }
        });
        let stage = Memo::new(move |before: Option<&Shared<Stage>>| {
            due.get();
            let at = time_to_edit(&clock.read_untracked(), now.get_untracked(), 0.0);
            let next = |e: &Editor| before.map_or_else(|| Stage::new(e, at), |before| before.0.next(e, at));
            Shared(Arc::new(editor.with(next)))
        });
        // Of the editor, a scene needs only what is selected; what it holds comes by the stage.
        let selection = memo(move || editor.with(|e| e.selection().clone()));
        let scene = memo(move || {
            selection.get();
            let frame = frame.get();
            Arc::new(editor.with_untracked(|e| stage.read().0.scene(e, frame.as_deref())))
        });
        let roomy = |limit: f64| window().inner_width().ok().and_then(|w| w.as_f64()).is_none_or(|w| w > limit);
        let mode = Mode::now();
        Store {
            mode,
            editor,
            stage,
            scene,
            frame,
            latest: StoredValue::new(None),
            clock,
            now,
            end: RwSignal::new(0),
            achieved: RwSignal::new(0.0),
            per_dot: RwSignal::new(1),
            speed: RwSignal::new(1.0),
            log: RwSignal::default(),
            series: StoredValue::default(),
            refused: RwSignal::new(None),
            beat: StoredValue::new(Beat::default()),
            camera: RwSignal::new(Camera::default()),
            screen: RwSignal::new([800.0, 600.0]),
            pan_tool: RwSignal::new(false),
            renaming: RwSignal::new(None),
            dialog: RwSignal::new(None),
            menu: RwSignal::new(None),
            notice: RwSignal::new(None),
            said: RwSignal::default(),
            try_this: RwSignal::new(None),
            outline: RwSignal::new(false),
            graphs: RwSignal::new(None),
            branches: RwSignal::default(),
            reached: StoredValue::new(0),
            tracing: RwSignal::new(None),
            filming: RwSignal::new(None),
            lesson: RwSignal::new(false),
            authoring: RwSignal::new(false),
            lesson_step: StoredValue::new(None),
            versus: RwSignal::new(false),
            rival: RwSignal::new(None),
            tab: RwSignal::new(None),
            measured: RwSignal::new(None),
            palette_open: RwSignal::new(mode == Mode::Edit && roomy(760.0)),
            inspector_open: RwSignal::new(mode != Mode::Embed && roomy(760.0)),
            sheet: RwSignal::new(""),
            single_keys: RwSignal::new(shelf::setting("single_keys").as_deref() != Some("off")),
            still: RwSignal::new(false),
            stand: StoredValue::new(false),
            doc_id: RwSignal::new(doc_id),
            later: RwSignal::new(None),
            saving: StoredValue::new(0),
        }
    }

    /// Carries out a command: now, or as soon as the part of the page that can do it is there.
    pub fn apply(self, command: Command) -> bool {
        match self.later.get_untracked() {
            Some(later) => (later.apply)(self, command),
            None => {
                later::with(self, move |later| {
                    (later.apply)(self, command);
                });
                false
            }
        }
    }

    /// When an edit made now takes effect.
    pub fn edit_time(self) -> Nanos {
        time_to_edit(&self.clock.read_untracked(), self.now.get_untracked(), self.achieved.get_untracked())
    }

    /// The document for the worker.
    pub fn document_text(self) -> String {
        self.editor.with_untracked(|e| codec::write_compact(e.document()))
    }

    /// What predicates of actions look at.
    pub fn situation<T>(self, read: impl FnOnce(&Situation) -> T) -> T {
        let frame = self.latest.get_value();
        self.editor.with(|editor| read(&Situation { editor, frame: frame.as_deref() }))
    }

    /// Says something to everyone: above the canvas and to assistive technology.
    pub fn tell(self, words: impl Into<String>) {
        self.show(Notice { words: said(&words.into()), bad: false, remedy: None });
    }

    /// The same with a button that takes it back.
    pub fn offer(self, words: impl Into<String>, remedy: Remedy) {
        self.show(Notice { words: said(&words.into()), bad: false, remedy: Some(remedy) });
    }

    fn show(self, notice: Notice) {
        self.say(notice.words.clone());
        self.notice.set(Some(notice.clone()));
        // It goes by itself; the live region has said it too.
        let gone = move || {
            if self.notice.try_with_untracked(|n| n.as_ref() == Some(&notice)) == Some(true) {
                self.notice.set(None);
            }
        };
        set_timeout(gone, std::time::Duration::from_secs(8));
    }

    /// The same for something that went wrong.
    pub fn warn(self, words: &str) {
        self.say(words.to_owned());
        self.notice.set(Some(Notice { words: said(words), bad: true, remedy: None }));
    }

    /// Says something to assistive technology.
    pub fn say(self, words: String) {
        super::announce::queue(&words);
    }

    /// Whether the worker has something to do.
    pub fn is_busy(self) -> bool {
        matches!(*self.clock.read_untracked(), Clock::Playing | Clock::CatchingUp { .. })
    }

    /// Where the run is, and whether it plays.
    pub fn whereabouts(self) -> (Nanos, bool) {
        let latest = self.latest.get_value();
        let now = match &*self.clock.read_untracked() {
            Clock::CatchingUp { to } => *to,
            _ => latest.map_or(0, |f| f.now),
        };
        (now, self.is_busy() && !self.stand.get_value())
    }

    /// Plays or pauses.
    pub fn play_or_pause(self) {
        let clock = self.clock.get_untracked();
        if matches!(clock, Clock::Playing | Clock::CatchingUp { .. }) {
            self.stand.set_value(true);
            host::send(ToWorker::Pause);
            return;
        }
        if let Some(why) = self.refused.get_untracked() {
            self.warn(&format!("This design cannot run yet: {why}"));
            return;
        }
        if clock == Clock::Ended {
            host::send(ToWorker::Load { document: self.document_text(), restart: true });
        }
        self.stand.set_value(false);
        host::send(ToWorker::Play);
    }

    /// Sets the wanted speed.
    pub fn set_speed(self, speed: f64) {
        self.speed.set(speed);
        host::send(ToWorker::Speed(speed));
    }

    /// Saves the document a moment after the last change.
    pub fn save_soon(self) {
        let turn = self.saving.try_update_value(|n| {
            *n += 1;
            *n
        });
        let save = move || {
            if turn == self.saving.try_get_value() {
                self.save_now();
            }
        };
        set_timeout(save, std::time::Duration::from_millis(300));
    }

    /// Saves the document.
    pub fn save_now(self) {
        if self.mode != Mode::Edit {
            return;
        }
        let id = self.doc_id.get_untracked();
        let saved = self.editor.with_untracked(|e| {
            let doc = e.document();
            shelf::save(&id, &doc.name, &codec::write_compact(doc))
        });
        match saved {
            Ok(None) => {}
            Ok(Some(apart)) => {
                self.doc_id.set(apart);
                self.tell(
                    "Another tab has changed this document as well. Both are kept: yours is a document of its own now.",
                );
            }
            Err(why) => self.warn(why),
        }
    }
}

/// When an edit takes effect that is made while the page shows `now`.
fn time_to_edit(clock: &Clock, now: Nanos, speed: f64) -> Nanos {
    match clock {
        Clock::Playing => now.saturating_add(from_s(LEAD_S * speed.max(0.0))),
        Clock::CatchingUp { to } => *to,
        _ => now,
    }
}
