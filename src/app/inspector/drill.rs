//! What if one fails? Every node is crashed once, in a second worker beside the run on the screen; a click on a verdict
//! opens that run.

use crate::helper::Helper;
use crate::host;
use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::drill::{Course, Impact, Plan, rank};
use loadstone::editor::{Command, Item, Strike};
use loadstone::metrics::frame::Clock;
use loadstone::scenario::{Action, Target};
use loadstone::scene::format;
use loadstone::texts::{fill, said, tr};
use loadstone::time::{Nanos, SECOND};
use loadstone::worker::{FromWorker, ToWorker};
use std::cell::RefCell;

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq)]
enum Stand {
    /// Nobody asked, or it was called off.
    #[default]
    Idle,
    /// So many of so many runs are done; this node fails in the present one.
    Running { done: usize, of: usize, victim: Option<String> },
    /// All are done.
    Done,
    /// The engine, or the browser, refused, with the reason.
    Failed(String),
}

/// The runs under way.
struct Drill {
    plan: Plan,
    helper: Helper,
    /// The run without a crash, once it is done.
    undisturbed: Option<Course>,
    course: Course,
    /// How many runs are done, the undisturbed one among them.
    done: usize,
}

thread_local! {
    static DRILL: RefCell<Option<Drill>> = const { RefCell::new(None) };
}

/// What the drill shows; lives as long as the page, so that it survives a look elsewhere.
#[derive(Clone, Copy)]
struct Board {
    stand: RwSignal<Stand>,
    impacts: RwSignal<Vec<Impact>>,
    /// When each node crashed.
    at: RwSignal<Nanos>,
    /// The document that was drilled, to notice when it is no longer the one on the screen.
    document: RwSignal<String>,
}

fn board() -> Board {
    thread_local! {
        static BOARD: RefCell<Option<Board>> = const { RefCell::new(None) };
    }
    let make = || Board {
        stand: RwSignal::new(Stand::Idle),
        impacts: RwSignal::default(),
        at: RwSignal::new(0),
        document: RwSignal::default(),
    };
    let rooted = || {
        // An owner of its own that never ends: no panel that closes takes them along.
        let owner = Owner::new_root(None);
        let board = owner.with(make);
        std::mem::forget(owner);
        board
    };
    BOARD.with_borrow_mut(|board| *board.get_or_insert_with(rooted))
}

/// The question, how far the answer is, and the answer.
#[component]
pub fn DrillPane(store: Store) -> impl IntoView {
    let board = board();
    let running = memo(move || matches!(*board.stand.read(), Stand::Running { .. }));
    let revision = memo(move || store.editor.read().revision());
    let stale = memo(move || {
        revision.get();
        !board.impacts.read().is_empty() && *board.document.read() != store.document_text()
    });
    let stand = move || match board.stand.get() {
        Stand::Idle | Stand::Done => ().into_any(),
        Stand::Failed(why) => view! { <p class="problem error">{said(&why)}</p> }.into_any(),
        Stand::Running { done, of, victim } => {
            let who = victim.map_or(tr("first a run in which none does").to_owned(), |id| {
                store.stage.read().0.label(&id).to_owned()
            });
            view! {
                <p>{fill("Run {n} of {all}: {who}", &[&(done + 1), &of, &who])}</p>
                <progress aria-label=tr("Runs done") max=of value=done></progress>
            }
            .into_any()
        }
    };
    view! {
        <h3>{tr("What if one fails?")}</h3>
        <p>{tr("Crashes each node once, in runs of their own on the same seed, and says what the users notice.")}</p>
        <Show when=move || running.get() fallback=move || view! {
            <button class="button" data-testid="drill" on:click=move |_| start(store)>{move || tr(if board.impacts.read().is_empty() { "Let each one fail" } else { "Again" })}</button>
        }>
            <button class="button" data-testid="drill-cancel" on:click=move |_| stop(Stand::Idle)>{tr("Cancel")}</button>
        </Show>
        {stand}
        // Said once, at the end: each run by itself would be chatter.
        <p class="unseen" role="status">{move || (board.stand.get() == Stand::Done).then(|| tr("Every node has failed once; the verdicts are below."))}</p>
        <Show when=move || stale.get()><p class="note">{tr("The design has changed since.")}</p></Show>
        <Show when=move || !board.impacts.read().is_empty()><Verdicts store board/></Show>
    }
}

#[component]
fn Verdicts(store: Store, board: Board) -> impl IntoView {
    let row = move |impact: Impact| {
        let (tone, mark) = match () {
            () if impact.single_point() => ("bad", "✕"),
            () if !impact.quiet() || impact.writes_lost > 0 => ("warn", "!"),
            () => ("ok", "✓"),
        };
        let long = match impact.recovered {
            _ if impact.quiet() => format::NONE.to_owned(),
            true => format::ms(impact.down_s * 1000.0),
            false => tr("to the end").to_owned(),
        };
        let (id, node) = (impact.node.clone(), impact.node.clone());
        let name = move || store.stage.read().0.label(&node).to_owned();
        view! {
            <tr data-of=impact.node.clone() data-tone=tone>
                <th scope="row"><span class="mark" aria-hidden="true">{mark}</span>
                    <button class="flat" title=tr("Opens this run") on:click=move |_| replay(store, board.at.get_untracked(), &id)>{name}</button></th>
                <td>{format::percent(impact.failed_share)}</td><td>{long}</td><td>{format::count(impact.writes_lost)}</td>
            </tr>
            <tr class="verdict" data-of=impact.node.clone() data-tone=tone><td colspan="4">{said(&impact.verdict())}</td></tr>
        }
    };
    view! {
        <table class="small drill" data-testid="verdicts">
            <caption>{move || fill("Crashed at {time}; a name opens its run", &[&format::moment(board.at.get())])}</caption>
            <thead><tr><th scope="col">{tr("Without")}</th><th scope="col">{tr("Failing")}</th><th scope="col">{tr("For")}</th><th scope="col">{tr("Lost")}</th></tr></thead>
            <tbody>{move || board.impacts.get().into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// Opens the run in which this node fails: the crash goes onto the timeline, where it can be undone.
fn replay(store: Store, at: Nanos, id: &str) {
    let target = Target::Node(id.to_owned());
    let crash = Strike { target, action: Action::Crash, at: Some(at), for_s: None, chaos: None };
    store.apply(Command::Select(vec![Item::Node(id.to_owned())]));
    if store.apply(Command::Fault(vec![crash])) {
        host::send(ToWorker::Seek(at.saturating_sub(SECOND)));
        store.stand.set_value(false);
        host::send(ToWorker::Play);
    }
}

/// Begins, from the document as it is.
fn start(store: Store) {
    let board = board();
    let plan = store.editor.with_untracked(|e| Plan::new(e.document(), None));
    board.impacts.set(Vec::new());
    board.at.set(plan.at);
    board.document.set(store.document_text());
    let failed = || stop(Stand::Failed("The second simulator stopped working.".to_owned()));
    let Some(helper) = Helper::start(hear, failed) else {
        return board.stand.set(Stand::Failed("This browser refuses to start a second simulator.".to_owned()));
    };
    let drill = Drill { plan, helper, undisturbed: None, course: Course::default(), done: 0 };
    // There is always a first run: the undisturbed one.
    let _ = drill.next();
    DRILL.set(Some(drill));
}

/// Ends whatever is under way.
fn stop(stand: Stand) {
    board().stand.set(stand);
    DRILL.set(None);
}

/// What the second worker says.
fn hear(message: FromWorker) {
    let ended = match message {
        FromWorker::Frame(frame) => {
            if let Clock::Stopped(why) = &frame.clock {
                return stop(Stand::Failed(why.clone()));
            }
            DRILL.with_borrow_mut(|drill| {
                let drill = drill.as_mut()?;
                drill.course.feed(&frame);
                let over = matches!(frame.clock, Clock::Paused | Clock::Ended) && frame.now >= drill.plan.until;
                over.then(|| drill.over()).flatten()
            })
        }
        FromWorker::Refused(why) => Some(Stand::Failed(format!("This design cannot run yet: {why}"))),
        FromWorker::Ready | FromWorker::Measured(_) | FromWorker::Followed(_) => None,
    };
    if let Some(stand) = ended {
        stop(stand);
    }
}

impl Drill {
    /// The node that fails in the present run.
    fn victim(&self) -> Option<&str> {
        self.done.checked_sub(1).and_then(|i| self.plan.victims.get(i)).map(String::as_str)
    }

    /// Sends the next run to the worker; an error if there is none left.
    fn next(&self) -> Result<(), Stand> {
        let of = self.plan.victims.len() + 1;
        if self.done >= of {
            return Err(Stand::Done);
        }
        let victim = self.victim();
        self.helper.run(&self.plan.document(victim), self.plan.until);
        board().stand.set(Stand::Running { done: self.done, of, victim: victim.map(str::to_owned) });
        Ok(())
    }

    /// A run is over: what it did is judged, and the next begins.
    fn over(&mut self) -> Option<Stand> {
        let course = std::mem::take(&mut self.course);
        match (self.victim(), &self.undisturbed) {
            (Some(victim), Some(undisturbed)) => {
                let impact = self.plan.judge(victim, undisturbed, &course);
                board().impacts.update(|all| {
                    all.push(impact);
                    rank(all);
                });
            }
            _ => self.undisturbed = Some(course),
        }
        self.done += 1;
        self.next().err()
    }
}
