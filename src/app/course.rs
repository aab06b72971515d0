//! The course and lessons: what to read, bets that a run answers, goals that the engine judges while the design is changed.

use super::edit::open;
use super::icons::Icon;
use super::store::{Store, memo};
use super::{canvas, dialogs, shelf};
use leptos::prelude::*;
use loadstone::check;
use loadstone::editor::Command;
use loadstone::lesson::trial::numbers;
use loadstone::lesson::{Bet, Facts, Goal, Lesson, Real, Running, Step, applied, course, read};
use loadstone::scenario::{Params, Scenario};
use std::sync::Arc;

/// So many events are simulated before the page may draw again.
const SLICE: u64 = 1_500;
/// A goal is judged so long after the last change.
const CALM: std::time::Duration = std::time::Duration::from_millis(350);

/// How far a lesson was taken, from the browser's memory: steps done.
fn done(title: &str) -> usize {
    shelf::setting(&format!("lesson.{title}")).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Opens a chapter as a document of its own.
fn open_chapter(store: Store, name: &str) {
    if let Some(document) = course::chapter(name) {
        open(store, document, shelf::new_id(), !store.still.get_untracked());
        store.try_this.set(None);
    }
}

/// The chapters, with how far each was taken.
#[component]
pub fn Chapters(store: Store) -> impl IntoView {
    let rows = course::names().enumerate().filter_map(|(i, name)| {
        let lesson = read(&course::chapter(name)?).0?;
        let (done, all) = (done(&lesson.title), lesson.steps.len());
        let state = match done {
            0 => String::new(),
            n if n >= all => "done".to_owned(),
            n => format!("{n} of {all} steps"),
        };
        let go = move |_| {
            dialogs::close(store);
            open_chapter(store, name);
        };
        Some(view! {
            <button data-testid=format!("chapter-{name}") on:click=go>
                <b>{format!("{}. {}", i + 1, lesson.title)}{(!state.is_empty()).then(|| view! { <small>{format!(" · {state}")}</small> })}</b>
                <span>{lesson.about}</span>
            </button>
        })
    });
    view! {
        <p class="note">"Each chapter is a small system that runs: place a bet, change it, break it, and let the simulation judge. The course is not complete yet."</p>
        <div class="examples">{rows.collect_view()}</div>
    }
}

/// The lesson of the document on the screen, if it has one.
#[component]
pub fn LessonPanel(store: Store) -> impl IntoView {
    let raw = memo(move || store.editor.with(|e| e.document().lesson.clone()));
    let lesson = memo(move || {
        let lesson = raw.get();
        if lesson.is_empty() { None } else { read(&Scenario { lesson, ..Scenario::default() }).0.map(Arc::new) }
    });
    let document = store.doc_id;
    Effect::new(move |before: Option<bool>| {
        let shown = lesson.get().is_some();
        if before != Some(shown) && (shown || before.is_some()) {
            store.lesson.set(shown);
            canvas::fit_all(store);
        }
        shown
    });
    move || {
        // Another document begins anew, even with the same lesson.
        document.track();
        lesson.get().map(|lesson| view! { <Steps store lesson/> })
    }
}

/// The steps, one at a time.
#[component]
fn Steps(store: Store, lesson: Arc<Lesson>) -> impl IntoView {
    let start = store.editor.with_untracked(|e| e.document().clone());
    let all = lesson.steps.len();
    let at = RwSignal::new(0usize);
    let hidden = RwSignal::new(false);
    let title = lesson.title.clone();
    let (heading, label) = (title.clone(), title.clone());
    let finish = move |i: usize| {
        if done(&title) < i + 1 {
            shelf::set_setting(&format!("lesson.{title}"), &(i + 1).to_string());
        }
    };
    let next_chapter = {
        let title = lesson.title.clone();
        let of = |name: &str| Some(read(&course::chapter(name)?).0?.title);
        let here = course::names().position(|name| of(name).as_ref() == Some(&title));
        here.and_then(|here| course::names().nth(here + 1))
    };
    let steps = StoredValue::new((lesson, start, finish));
    view! {
        <section class="lesson" class:folded=move || hidden.get() aria-label=label data-testid="lesson">
            <header>
                <h2>{heading}</h2>
                <span class="note" data-testid="lesson-place">{move || format!("{} of {all}", at.get() + 1)}</span>
                <button class="flat" aria-expanded=move || (!hidden.get()).to_string() aria-label="Fold the lesson away, or unfold it"
                    on:click=move |_| hidden.update(|h| *h = !*h)><Icon path="M6 15l6-6 6 6" small=true/></button>
            </header>
            {move || {
                let i = at.get();
                steps.with_value(|(lesson, start, finish)| {
                    let reference = lesson.steps[..i].iter().fold(start.clone(), |doc, step| applied(&doc, &step.solution));
                    let (step, finish) = (lesson.steps[i].clone(), finish.clone());
                    let onward = move || {
                        finish(i);
                        if i + 1 < all {
                            at.set(i + 1);
                        } else if let Some(next) = next_chapter {
                            open_chapter(store, next);
                        } else {
                            store.tell("That was the last chapter so far. The canvas is yours.");
                        }
                    };
                    let label = if i + 1 < all { "Next" } else if next_chapter.is_some() { "Next chapter" } else { "Finish" };
                    view! { <OneStep store step reference label onward/> }
                })
            }}
        </section>
    }
}

/// One step.
#[component]
fn OneStep(
    store: Store,
    step: Step,
    reference: Scenario,
    label: &'static str,
    onward: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let answered = RwSignal::new(step.bet.is_none());
    let reached = RwSignal::new(step.goal.is_none());
    let over = memo(move || answered.get() && reached.get());
    let (explain, real) = (step.explain.clone(), step.real.clone());
    let (goal, bet) = (step.goal.clone(), step.bet.clone());
    let solution = step.solution.clone();
    let hints = step.hints.clone();
    view! {
        <Looked store look=step.look/>
        <div class="lesson-step">
            <p>{step.say}</p>
            {bet.map(|bet| view! { <BetView store bet reference answered/> })}
            {goal.map(|goal| view! { <GoalView store goal hints solution reached/> })}
            <Show when=move || over.get()>
                <p class="explain" data-testid="explain">{explain.clone()}</p>
                {real.clone().map(|Real { text, sources }| view! {
                    <p class="note">{text}" "{sources.into_iter().map(|source| {
                        let host = source.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
                        view! { <a href=source target="_blank" rel="noopener noreferrer">{host}</a>" " }
                    }).collect_view()}</p>
                })}
            </Show>
            <div class="actions">
                <button class="button primary" data-testid="lesson-next" disabled=move || !over.get() on:click=move |_| onward()>{label}</button>
            </div>
        </div>
    }
}

/// A ring around what the step speaks of.
#[component]
fn Looked(store: Store, look: Vec<String>) -> impl IntoView {
    let rings = move || {
        let (camera, scene, [w, h]) = (store.camera.get(), store.scene.read(), store.screen.get());
        let board = document().get_element_by_id("board").map(|b| b.get_bounding_client_rect());
        let (left, top) = board.map_or((0.0, 0.0), |b| (b.left(), b.top()));
        let cards = scene.cards.iter().filter(|c| look.contains(&c.id)).map(|c| c.rect.grown(8.0));
        let rings = cards.filter_map(|r| {
            let ([x, y], [wide, high]) = (camera.to_screen([r.x, r.y]), [r.w, r.h].map(|v| v * camera.zoom));
            let inside = x >= 0.0 && y >= 0.0 && x + wide <= w && y + high <= h;
            let place = format!("translate({}px,{}px)", x + left, y + top);
            inside.then(|| view! { <i style:transform=place style:width=format!("{wide}px") style:height=format!("{high}px")></i> })
        });
        rings.collect_view()
    };
    view! { <div class="looked" aria-hidden="true">{rings}</div> }
}

/// A question, and what a run says to it.
#[component]
fn BetView(store: Store, bet: Bet, reference: Scenario, answered: RwSignal<bool>) -> impl IntoView {
    let chosen = RwSignal::new(None::<usize>);
    let verdict = RwSignal::new(None::<(usize, String)>);
    let bet = StoredValue::new(bet);
    let document = StoredValue::new(bet.with_value(|bet| applied(&reference, &bet.change)));
    let choose = move |i: usize| {
        if chosen.get_untracked().is_some() {
            return;
        }
        chosen.set(Some(i));
        simulate(
            document.get_value(),
            move || true,
            move |facts| {
                let Ok(facts) = facts else { return answered.set(true) };
                let right = bet.with_value(|bet| {
                    let right = bet.choices.iter().position(|c| c.when.holds(&|path| facts.get(path)))?;
                    Some((right, bet.choices[right].text.clone(), numbers(&bet.choices[right].when, &facts)))
                });
                if let Some((right, text, numbers)) = right {
                    let opening = if right == i { "Right." } else { "The run says otherwise:" };
                    let words = format!("{opening} {text} ({numbers}).");
                    store.say(words.clone());
                    verdict.set(Some((right, words)));
                }
                answered.set(true);
            },
        );
    };
    let choices = bet.with_value(|bet| bet.choices.iter().map(|c| c.text.clone()).collect::<Vec<_>>());
    view! {
        <fieldset class="bet" data-testid="bet">
            <legend>{bet.with_value(|bet| bet.ask.clone())}</legend>
            {choices.into_iter().enumerate().map(|(i, text)| view! {
                <button aria-pressed=move || (chosen.get() == Some(i)).to_string()
                    class:right=move || verdict.read().as_ref().is_some_and(|(right, _)| *right == i)
                    disabled=move || chosen.get().is_some() on:click=move |_| choose(i)>{text}</button>
            }).collect_view()}
            {move || match (chosen.get(), verdict.get()) {
                (Some(_), Some((_, words))) => view! { <p data-testid="verdict-of-bet">{words}</p> }.into_any(),
                (Some(_), None) => view! { <p class="note">"Running it…"</p> }.into_any(),
                _ => ().into_any(),
            }}
        </fieldset>
    }
}

/// Something to reach, judged anew whenever the design changes.
#[component]
fn GoalView(
    store: Store,
    goal: Goal,
    hints: Vec<String>,
    solution: Vec<loadstone::scenario::Entry>,
    reached: RwSignal<bool>,
) -> impl IntoView {
    let state = RwSignal::new(String::new());
    let turn = StoredValue::new(0u64);
    let goal = StoredValue::new(goal);
    // The lesson is no part of what is judged.
    let design = memo(move || store.editor.with(|e| Scenario { lesson: Params::new(), ..e.document().clone() }));
    let judge = move |mine: u64| {
        let current = move || turn.try_get_value() == Some(mine);
        let document = design.get_untracked();
        if !current() || reached.get_untracked() {
            return;
        }
        if check::refused(&check::check(&document)) {
            return state.set("This design cannot run yet: see the problems in the inspector.".to_owned());
        }
        simulate(document, current, move |facts| {
            let judged = facts.map(|facts| {
                goal.with_value(|goal| (goal.when.holds(&|path| facts.get(path)), numbers(&goal.when, &facts)))
            });
            match judged {
                Ok((true, numbers)) => {
                    let words = format!("Reached: {numbers}.");
                    store.say(words.clone());
                    state.set(words);
                    reached.set(true);
                }
                Ok((false, numbers)) => state.set(format!("Not yet. A whole run measures {numbers}.")),
                Err(why) => state.set(why),
            }
        });
    };
    Effect::new(move |_| {
        design.get();
        let mine = turn.try_update_value(|n| {
            *n += 1;
            *n
        });
        if let Some(mine) = mine {
            set_timeout(move || judge(mine), CALM);
        }
    });
    let shown = RwSignal::new(0usize);
    let count = hints.len();
    let hints = StoredValue::new(hints);
    let solution = StoredValue::new(solution);
    let show_me = move |_| {
        let document = store.editor.with_untracked(|e| applied(e.document(), &solution.get_value()));
        store.apply(Command::Branch(Box::new(document)));
    };
    view! {
        <div class="lesson-goal" data-testid="goal" class:reached=move || reached.get()>
            <p><b>"Goal: "</b>{goal.with_value(|goal| goal.text.clone())}</p>
            <p class="note" data-testid="goal-state">{move || state.get()}</p>
            <Show when=move || !reached.get()>
                <ul>{move || hints.get_value().into_iter().take(shown.get()).map(|hint| view! { <li>{hint}</li> }).collect_view()}</ul>
                <div class="actions">
                    <Show when=move || shown.get() < count fallback=move || view! { <button class="button" data-testid="show-me" on:click=show_me>"Show me"</button> }>
                        <button class="button" data-testid="hint" on:click=move |_| shown.update(|n| *n += 1)>"Hint"</button>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

/// Runs a document to its end, a little between two frames of the screen, as long as it is wanted, and then tells.
fn simulate(
    document: Scenario,
    wanted: impl Fn() -> bool + 'static,
    tell: impl FnOnce(Result<Facts, String>) + 'static,
) {
    fn on(mut run: Running, wanted: impl Fn() -> bool + 'static, tell: impl FnOnce(Result<Facts, String>) + 'static) {
        if !wanted() {
            return;
        }
        match run.go(SLICE) {
            Ok(None) => set_timeout(move || on(run, wanted, tell), std::time::Duration::ZERO),
            Ok(Some(facts)) => tell(Ok(facts)),
            Err(why) => tell(Err(why)),
        }
    }
    on(Running::new(&document), wanted, tell);
}
