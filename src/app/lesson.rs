//! A lesson beside the canvas: what to read, bets that a run answers, goals that the engine judges while the design is changed.

use super::course;
use super::edit::open;
use super::icons::Icon;
use super::language::EnglishOnly;
use super::store::{Dialog, Store, memo, wall_ms};
use super::{canvas, clipboard, documents, glossary, host, shelf};
use leptos::prelude::*;
use loadstone::check;
use loadstone::codec;
use loadstone::editor::Command;
use loadstone::lesson::judge::{Trial, trials};
use loadstone::lesson::words::measured;
use loadstone::lesson::{Bet, Facts, Goal, Lesson, Real, Running, Step, applied, course as chapters, read};
use loadstone::scenario::{Params, Scenario};
use loadstone::texts::{fill, tr};
use loadstone::time::from_s;
use loadstone::worker::ToWorker;
use std::sync::Arc;

/// So many events are simulated between two looks at the clock.
const SLICE: u64 = 500;
/// After so long the page may draw again, in ms.
const TURN_MS: f64 = 9.0;
/// A goal is judged so long after the last change.
const CALM: std::time::Duration = std::time::Duration::from_millis(350);
/// The worst moment is watched from so long before it, in seconds.
const BEFORE_S: f64 = 2.0;

/// How far a lesson was taken, from the browser's memory: steps done.
pub fn done(title: &str) -> usize {
    shelf::setting(&format!("lesson.{title}")).and_then(|n| n.parse().ok()).unwrap_or(0)
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
        let shown = lesson.get().filter(|_| !store.authoring.get());
        shown.map(|lesson| view! { <Steps store lesson/> })
    }
}

/// The language of a lesson, if it is known: the course is written in English.
#[derive(Clone, Copy)]
struct Tongue(Option<&'static str>);

fn tongue() -> Option<&'static str> {
    use_context::<Tongue>().and_then(|tongue| tongue.0)
}

/// What a chapter or challenge is called.
fn title_of(name: &str) -> Option<String> {
    Some(read(&chapters::chapter(name)?).0?.title)
}

/// The steps, one at a time.
#[component]
fn Steps(store: Store, lesson: Arc<Lesson>) -> impl IntoView {
    let start = store.editor.with_untracked(|e| e.document().clone());
    let all = lesson.steps.len();
    let asked = store.lesson_step.try_update_value(Option::take).flatten();
    let left = Some(done(&lesson.title)).filter(|done| *done < all);
    let first = asked.or(left).unwrap_or(0);
    let first = first.min(all - 1);
    let at = RwSignal::new(first);
    let hidden = RwSignal::new(false);
    let title = lesson.title.clone();
    let (heading, label) = (title.clone(), title.clone());
    let finish = move |i: usize| {
        if done(&title) < i + 1 {
            shelf::set_setting(&format!("lesson.{title}"), &(i + 1).to_string());
        }
    };
    let chapter = {
        let title = &lesson.title;
        chapters::names().chain(chapters::challenges()).find(|name| title_of(name).as_ref() == Some(title))
    };
    let is_challenge = chapter.is_some_and(|name| chapters::challenges().any(|other| other == name));
    let copy = move |_| {
        let here = format!("{}{}", documents::STEP, at.get_untracked() + 1);
        let link = match chapter {
            Some(name) => documents::address(store.mode, &format!("chapter/{name}{here}")),
            None => format!("{}{here}", documents::link(store, store.mode)),
        };
        clipboard::write(store, &link);
        store.tell("The link to this step is in the clipboard.");
    };
    let next_chapter = {
        let title = lesson.title.clone();
        let here = chapters::names().position(|name| title_of(name).as_ref() == Some(&title));
        here.and_then(|here| chapters::names().nth(here + 1))
    };
    provide_context(Tongue(chapter.map(|_| "en")));
    let steps = StoredValue::new((lesson, start, finish));
    view! {
        <section class="lesson" class:folded=move || hidden.get() aria-label=label data-testid="lesson">
            <header>
                <h2 lang=tongue()>{heading}</h2>
                <span class="note" data-testid="lesson-place">{move || fill("{n} of {all}", &[&(at.get() + 1), &all])}</span>
                <button class="flat" aria-label=tr("Copy a link to this step") title=tr("Copy a link to this step") on:click=copy>
                    <Icon path="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.5-5.500l-1.500 1.500M14 10a4 4 0 0 0-6-.5l-3 3A4 4 0 0 0 10.500 18l1.500-1.500" small=true/></button>
                <button class="flat" aria-expanded=move || (!hidden.get()).to_string() aria-label=tr("Fold the lesson away, or unfold it")
                    on:click=move |_| {
                        hidden.update(|h| *h = !*h);
                        store.lesson.set(!hidden.get_untracked());
                    }><Icon path="M6 15l6-6 6 6" small=true/></button>
            </header>
            {chapter.map(|_| view! { <EnglishOnly/> })}
            {move || {
                let i = at.get();
                steps.with_value(|(lesson, start, finish)| {
                    let reference = lesson.steps[first..i].iter().fold(start.clone(), |doc, step| applied(&doc, &step.solution));
                    let (step, finish) = (lesson.steps[i].clone(), finish.clone());
                    let onward = move || {
                        if i + 1 < all {
                            at.set(i + 1);
                        } else if let Some(next) = next_chapter {
                            course::open_chapter(store, next, 0);
                        } else if is_challenge {
                            store.dialog.set(Some(Dialog::Challenges));
                        } else {
                            store.tell("That was the last step. The canvas is yours.");
                        }
                    };
                    let label = match (i + 1 < all, next_chapter.is_some(), is_challenge) {
                        (true, ..) => tr("Next"),
                        (_, true, _) => tr("Next chapter"),
                        (_, _, true) => tr("More challenges"),
                        _ => tr("Finish"),
                    };
                    view! { <OneStep store step reference label finish=move || finish(i) onward/> }
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
    finish: impl Fn() + 'static,
    onward: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let watched = RwSignal::new(None::<Scenario>);
    let answered = RwSignal::new(step.bet.is_none());
    let reached = RwSignal::new(step.goal.is_none());
    let over = memo(move || answered.get() && reached.get());
    Effect::new(move |_| {
        if over.get() {
            finish();
        }
    });
    let (explain, real) = (step.explain.clone(), step.real.clone());
    let (goal, bet) = (step.goal.clone(), step.bet.clone());
    let whole = step.clone();
    let before = reference.clone();
    view! {
        <Looked store look=step.look/>
        <div class="lesson-step">
            <p lang=tongue()>{step.say}</p>
            {bet.map(|bet| view! { <BetView store bet reference=before answered watched/> })}
            {goal.map(|goal| view! { <GoalView store goal step=whole reference reached watched/> })}
            <Show when=move || over.get()>
                <p class="explain" lang=tongue() data-testid="explain">{explain.clone()}</p>
                <glossary::Words store text=explain.clone()/>
                {real.clone().map(|Real { text, sources }| view! {
                    <p class="note" lang=tongue()>{text}" "{sources.into_iter().map(|source| {
                        let host = source.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
                        view! { <a href=source target="_blank" rel="noopener noreferrer">{host}</a>" " }
                    }).collect_view()}</p>
                })}
            </Show>
            <div class="actions">
                <button class="button primary" data-testid="lesson-next" disabled=move || !over.get() on:click=move |_| {
                    go_back(store, watched);
                    onward();
                }>{label}</button>
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
            // Behind the panel there is nothing to look at.
            let free = if store.lesson.get() && w >= 700.0 { canvas::LESSON } else { 0.0 };
            let inside = x >= free && y >= 0.0 && x + wide <= w && y + high <= h;
            let place = format!("translate({}px,{}px)", x + left, y + top);
            inside.then(|| view! { <i style:transform=place style:width=format!("{wide}px") style:height=format!("{high}px")></i> })
        });
        rings.collect_view()
    };
    view! { <div class="looked" aria-hidden="true">{rings}</div> }
}

/// A question, and what a run says to it.
#[component]
fn BetView(
    store: Store,
    bet: Bet,
    reference: Scenario,
    answered: RwSignal<bool>,
    watched: RwSignal<Option<Scenario>>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<usize>);
    let verdict = RwSignal::new(None::<(usize, String)>);
    let worst_s = StoredValue::new(0.0);
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
                worst_s.set_value(facts.worst_s());
                let right = bet.with_value(|bet| {
                    let right = bet.choices.iter().position(|c| c.when.holds(&|path| facts.get(path)))?;
                    Some((right, bet.choices[right].text.clone(), measured(&bet.choices[right].when, &facts)))
                });
                if let Some((right, text, numbers)) = right {
                    let opening = tr(if right == i { "Right." } else { "The run says otherwise:" });
                    let words = format!("{opening} {text} ({numbers}).");
                    store.say(words.clone());
                    verdict.set(Some((right, words)));
                }
                answered.set(true);
            },
        );
    };
    let first_s = bet.with_value(|bet| bet.change.iter().map(|entry| entry.at_s).fold(f64::INFINITY, f64::min));
    let watch = move |_| {
        if watched.with_untracked(Option::is_some) {
            return go_back(store, watched);
        }
        let home = store.editor.with_untracked(|e| e.document().clone());
        let shown = Scenario { lesson: home.lesson.clone(), ..document.get_value() };
        watched.set(Some(home));
        store.apply(Command::Branch(Box::new(shown)));
        let moment = if first_s.is_finite() { first_s } else { worst_s.get_value() };
        host::send(ToWorker::Seek(from_s((moment - BEFORE_S).max(0.0))));
        host::send(ToWorker::Play);
    };
    let choices = bet.with_value(|bet| bet.choices.iter().map(|c| c.text.clone()).collect::<Vec<_>>());
    view! {
        <fieldset class="bet" data-testid="bet">
            <legend lang=tongue()>{bet.with_value(|bet| bet.ask.clone())}</legend>
            {choices.into_iter().enumerate().map(|(i, text)| view! {
                <button lang=tongue() aria-pressed=move || (chosen.get() == Some(i)).to_string()
                    class:right=move || verdict.read().as_ref().is_some_and(|(right, _)| *right == i)
                    disabled=move || chosen.get().is_some() on:click=move |_| choose(i)>{text}</button>
            }).collect_view()}
            {move || match (chosen.get(), verdict.get()) {
                (Some(_), Some((_, words))) => view! {
                    <p data-testid="verdict-of-bet">{words}</p>
                    <div class="actions"><button class="button" data-testid="watch-bet" on:click=watch>
                        {move || tr(if watched.read().is_some() { "Back to the design" } else { "Watch that run" })}</button></div>
                }.into_any(),
                (Some(_), None) => view! { <p class="note">{tr("Running it…")}</p> }.into_any(),
                _ => ().into_any(),
            }}
        </fieldset>
    }
}

/// How one of the runs of a goal went.
#[derive(Clone)]
struct Judged {
    trial: Trial,
    reached: bool,
    words: String,
    worst_s: f64,
}

/// Ends watching the run of a bet: the canvas shows again what it showed before.
fn go_back(store: Store, watched: RwSignal<Option<Scenario>>) {
    if let Some(home) = watched.get_untracked() {
        watched.set(None);
        host::send(ToWorker::Pause);
        store.apply(Command::Branch(Box::new(home)));
        host::send(ToWorker::Seek(0));
    }
}

/// Something to reach, judged anew whenever the design changes.
#[component]
fn GoalView(
    store: Store,
    goal: Goal,
    step: Step,
    reference: Scenario,
    reached: RwSignal<bool>,
    watched: RwSignal<Option<Scenario>>,
) -> impl IntoView {
    let state = RwSignal::new(String::new());
    let judged = RwSignal::new(Vec::<Judged>::new());
    let turn = StoredValue::new(0u64);
    let goal = StoredValue::new(goal);
    // The lesson is no part of what is judged.
    let design = memo(move || store.editor.with(|e| Scenario { lesson: Params::new(), ..e.document().clone() }));
    let judge = move |mine: u64| {
        let current = move || turn.try_get_value() == Some(mine);
        let document = design.get_untracked();
        if !current() || reached.get_untracked() || watched.with_untracked(Option::is_some) {
            return;
        }
        judged.set(Vec::new());
        if check::refused(&check::check(&document)) {
            return state.set(tr("This design cannot run yet: see the problems in the inspector.").to_owned());
        }
        let all = goal.with_value(|goal| trials(goal, &document));
        let drills = all.iter().any(|trial| trial.drill.is_some());
        let seeds = all.iter().filter(|trial| trial.drill.is_none()).count();
        if all.len() > 1 {
            state.set(tr("Judging: a whole run with each seed…").to_owned());
        }
        let end = move |words: String, over: bool| {
            if over {
                store.say(words.clone());
                reached.set(true);
            }
            state.set(words);
        };
        one_by_one(all, current, move |trial, facts| {
            let (holds, words, worst_s) = match &facts {
                Ok(facts) => (trial.holds(facts), measured(&trial.when, facts), facts.worst_s()),
                Err(why) => (false, why.clone(), 0.0),
            };
            let seed = if seeds > 1 { fill(" with seed {n}", &[&trial.document.seed]) } else { String::new() };
            judged
                .update(|all| all.push(Judged { trial: trial.clone(), reached: holds, words: words.clone(), worst_s }));
            let count = judged.with_untracked(Vec::len);
            let missed = judged.with_untracked(|all| all.iter().filter(|j| !j.reached).count());
            // Drills come only to what works undisturbed.
            match (holds, trial.drill.is_some()) {
                (false, false) => {
                    end(
                        if facts.is_err() {
                            words
                        } else {
                            fill("Not yet. A whole run{seed} measures {words}.", &[&seed, &words])
                        },
                        false,
                    );
                    return false;
                }
                _ if count == seeds && drills => state.set(tr("It works undisturbed. Now the drills…").to_owned()),
                _ => {}
            }
            let all = goal.with_value(|goal| seeds + seeds * goal.drills.len());
            if count == all && missed == 0 {
                end(
                    if all == 1 {
                        fill("Reached: {words}.", &[&words])
                    } else {
                        let undisturbed = judged.with_untracked(|j| j[0].words.clone());
                        fill("Reached, in all {all} runs. Undisturbed: {words}.", &[&all, &undisturbed])
                    },
                    true,
                );
            } else if count == all {
                end(
                    fill(
                        "Not yet. It works undisturbed, but {missed} of {all} drills go wrong.",
                        &[&missed, &(all - seeds)],
                    ),
                    false,
                );
            }
            true
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
    let count = step.hints.len();
    let hints = StoredValue::new(step.hints);
    let solution = StoredValue::new(step.solution);
    let reference = StoredValue::new(reference);
    // From where the step began: what was tried in between would only be in the way. Undo brings it back.
    let show_me = move |_| {
        let lesson = store.editor.with_untracked(|e| e.document().lesson.clone());
        let document = applied(&reference.get_value(), &solution.get_value());
        store.apply(Command::Branch(Box::new(Scenario { lesson, ..document })));
        host::send(ToWorker::Seek(0));
        store.tell("This is one way to do it. Undo brings your own design back.");
    };
    let late = memo(move || {
        let began = reference.with_value(|doc| doc.timeline.clone());
        design.with(|doc| doc.timeline.iter().any(|entry| entry.action.is_edit() && !began.contains(entry)))
    });
    let from_start = move |_| {
        store.apply(Command::KeepEdits);
        host::send(ToWorker::Load { document: store.document_text(), restart: true });
    };
    view! {
        <div class="lesson-goal" data-testid="goal" class:reached=move || reached.get()>
            <p><b>{tr("Goal:")}" "</b><span lang=tongue()>{goal.with_value(|goal| goal.text.clone())}</span></p>
            {goal.with_value(|goal| (!goal.fixed.is_empty()).then(|| view! {
                <p class="note">{tr("What is given (the load, how much work a request is) is set back before every run.")}</p>
            }))}
            <p class="note" data-testid="goal-state">{move || state.get()}</p>
            {move || judged.with(|all| (all.len() > 1).then(|| view! { <Runs store judged=all.clone()/> }))}
            <Show when=move || late.get() && !reached.get()>
                <p class="note">{tr("You changed the design while it ran, so the first seconds count without your changes.")}</p>
                <div class="actions"><button class="button" data-testid="from-start" on:click=from_start>{tr("Let them hold from 0 s on")}</button></div>
            </Show>
            <Show when=move || !reached.get()>
                <ul>{move || hints.get_value().into_iter().take(shown.get()).map(|hint| view! { <li lang=tongue()>{hint}</li> }).collect_view()}</ul>
                <div class="actions">
                    <Show when=move || shown.get() < count fallback=move || view! { <button class="button" data-testid="show-me" on:click=show_me>{tr("Show me")}</button> }>
                        <button class="button" data-testid="hint" on:click=move |_| shown.update(|n| *n += 1)>{tr("Hint")}</button>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

/// The runs by which a design was judged, each of which can be watched at its worst moment.
#[component]
fn Runs(store: Store, judged: Vec<Judged>) -> impl IntoView {
    let row = move |one: Judged| {
        let what = one.trial.drill.clone().unwrap_or_else(|| tr("Undisturbed").to_owned());
        let name = fill("{what}, seed {n}", &[&what, &one.trial.document.seed]);
        let label = fill("Watch: {name}", &[&name]);
        let (words, reached) = (one.words.clone(), one.reached);
        view! {
            <li class:missed=!reached>
                <b>{if reached { "✓ " } else { "✗ " }}{name}</b>
                <span>{words}</span>
                <button class="flat" aria-label=label on:click=move |_| watch(store, &one)>{tr("Watch")}</button>
            </li>
        }
    };
    view! { <ul class="judged" data-testid="judged">{judged.into_iter().map(row).collect_view()}</ul> }
}

/// Opens what was run as a document of its own, shortly before its worst moment.
fn watch(store: Store, one: &Judged) {
    let document = &one.trial.document;
    let what = one.trial.drill.clone().unwrap_or_else(|| fill("seed {n}", &[&document.seed]));
    let name = format!("{}: {what}", document.name).chars().take(codec::MAX_NAME).collect();
    store.save_now();
    open(store, Scenario { name, ..document.clone() }, shelf::new_id(), false);
    host::send(ToWorker::Seek(from_s((one.worst_s - BEFORE_S).max(0.0))));
    store.tell("This is the run that was judged, shortly before its worst moment. Your own design is in the menu of documents.");
}

/// Runs these one after the other, and tells each; on as long as that says so.
fn one_by_one(
    trials: Vec<Trial>,
    wanted: impl Fn() -> bool + Copy + 'static,
    mut tell: impl FnMut(&Trial, Result<Facts, String>) -> bool + 'static,
) {
    let mut rest = trials.into_iter();
    let Some(trial) = rest.next() else { return };
    simulate(trial.document.clone(), wanted, move |facts| {
        if tell(&trial, facts) {
            one_by_one(rest.collect(), wanted, tell);
        }
    });
}

/// Runs a document to its end, a little between two frames of the screen, as long as it is wanted, and then tells.
pub fn simulate(
    document: Scenario,
    wanted: impl Fn() -> bool + 'static,
    tell: impl FnOnce(Result<Facts, String>) + 'static,
) {
    fn on(mut run: Running, wanted: impl Fn() -> bool + 'static, tell: impl FnOnce(Result<Facts, String>) + 'static) {
        if !wanted() {
            return;
        }
        let began = wall_ms();
        while wall_ms() - began < TURN_MS {
            match run.go(SLICE) {
                Ok(None) => {}
                Ok(Some(facts)) => return tell(Ok(facts)),
                Err(why) => return tell(Err(why)),
            }
        }
        set_timeout(move || on(run, wanted, tell), std::time::Duration::ZERO);
    }
    on(Running::new(&document), wanted, tell);
}
