//! Writing a lesson: its steps as fields, solutions and changes recorded from what is done on the canvas, tried by the
//! engine, previewed as a learner sees it.

use super::icons::Icon;
use super::lesson::simulate;
use super::store::{Store, memo};
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::editor::timeline::label;
use loadstone::lesson::record::difference;
use loadstone::lesson::{Lesson, applied, read, trial};
use loadstone::scenario::{Entry, Params, Scenario};
use loadstone::scene::format;
use loadstone::texts::{fill, tr};
use serde_json::{Value, json};
use std::time::Duration;

/// What is being recorded.
#[derive(Clone)]
struct Recording {
    /// Where it goes, as a pointer into the lesson.
    into: String,
    /// Which of the kept documents it belongs to.
    id: String,
    /// The document of the lesson, to which the canvas goes back.
    home: Scenario,
    /// What the canvas showed when it began.
    from: Scenario,
}

/// The panel, while somebody writes.
#[component]
pub fn AuthorPanel(store: Store) -> impl IntoView {
    view! { <Show when=move || store.authoring.get()><Author store/></Show> }
}

/// The lesson of the document as a value, with a first step if it has none.
fn lesson_of(document: &Scenario) -> Value {
    if document.lesson.is_empty() {
        json!({"title": document.name, "steps": [{"say": ""}]})
    } else {
        Value::Object(document.lesson.clone())
    }
}

/// Changes the lesson of the document.
fn change(store: Store, edit: impl FnOnce(&mut Value)) {
    let mut lesson = store.editor.with_untracked(|e| lesson_of(e.document()));
    edit(&mut lesson);
    if let Value::Object(lesson) = lesson {
        store.apply(Command::SetLesson(lesson));
    }
}

/// Puts a value where this pointer leads, making what is missing on the way; null takes it away.
fn put(lesson: &mut Value, path: &str, value: Value) {
    let Some((parent, name)) = path.rsplit_once('/') else { return };
    if lesson.pointer(parent).is_none() {
        put(lesson, parent, json!({}));
    }
    match lesson.pointer_mut(parent) {
        Some(Value::Object(map)) if value.is_null() => {
            map.remove(name);
            // What is empty is not there.
            if map.is_empty() && parent.matches('/').count() > 2 {
                put(lesson, parent, Value::Null);
            }
        }
        Some(Value::Object(map)) => {
            map.insert(name.to_owned(), value);
        }
        Some(Value::Array(list)) => {
            if let Some(item) = name.parse::<usize>().ok().and_then(|i| list.get_mut(i)) {
                *item = value;
            }
        }
        _ => {}
    }
}

/// The entries that stand there.
fn entries(lesson: &Value, path: &str) -> Vec<Entry> {
    let list = lesson.pointer(path).cloned().unwrap_or_else(|| json!([]));
    let (document, _) = loadstone::codec::read_value(json!({"loadstone": 1, "timeline": list}));
    document.map(|d| d.timeline).unwrap_or_default()
}

#[component]
fn Author(store: Store) -> impl IntoView {
    let lesson = memo(move || store.editor.with(|e| lesson_of(e.document())));
    let count = memo(move || lesson.with(|l| l["steps"].as_array().map_or(0, Vec::len)));
    let at = RwSignal::new(0usize);
    let recording = RwSignal::new(None::<Recording>);
    let tried = RwSignal::new(Vec::<String>::new());
    let problems = memo(move || {
        let lesson = store.editor.with(|e| e.document().lesson.clone());
        let found = read(&Scenario { lesson, ..Scenario::default() }).1;
        found.iter().map(|problem| format!("{} {}.", place(&problem.path), problem.message)).collect::<Vec<_>>()
    });
    let add = move |_| {
        let here = at.get_untracked() + 1;
        change(store, |l| {
            if let Some(steps) = l["steps"].as_array_mut() {
                steps.insert(here.min(steps.len()), json!({"say": ""}));
            }
        });
        at.set(here.min(count.get_untracked().saturating_sub(1)));
    };
    let remove = move |_| {
        let here = at.get_untracked();
        change(store, |l| {
            if let Some(steps) = l["steps"].as_array_mut().filter(|steps| steps.len() > 1) {
                steps.remove(here);
            }
        });
        at.set(here.min(count.get_untracked().saturating_sub(1)));
    };
    let try_it = move |_| {
        tried.set(vec![tr("Trying every step: the page answers when it is done.").to_owned()]);
        // After the words above are on the screen.
        set_timeout(move || tried.set(try_out(store)), Duration::from_millis(60));
    };
    let close = move |_| {
        stop(store, recording);
        store.authoring.set(false);
    };
    view! {
        <section class="lesson author" aria-label=tr("Write a lesson") data-testid="author">
            <header>
                <h2>{tr("Write a lesson")}</h2>
                <button class="button" data-testid="preview" title=tr("As a learner sees it") on:click=close>{tr("Preview")}</button>
            </header>
            <div class="lesson-step">
                <Text store lesson path="/title" label=tr("Title")/>
                <Text store lesson path="/about" label=tr("The idea, in a sentence")/>
                <div class="actions" role="group" aria-label=tr("Steps")>
                    <button class="flat" aria-label=tr("Step before") disabled=move || at.get() == 0 on:click=move |_| at.update(|i| *i -= 1)><Icon path="M15 5l-7 7 7 7" small=true/></button>
                    <b data-testid="author-place">{move || fill("Step {n} of {all}", &[&(at.get() + 1), &count.get()])}</b>
                    <button class="flat" aria-label=tr("Step after") disabled=move || count.get() <= at.get() + 1 on:click=move |_| at.update(|i| *i += 1)><Icon path="M9 5l7 7-7 7" small=true/></button>
                    <span class="gap"></span>
                    <button class="button" on:click=add>{tr("Add step")}</button>
                    <button class="button" disabled=move || count.get() < 2 on:click=remove>{tr("Remove")}</button>
                </div>
                {move || view! { <StepFields store lesson at=at.get() recording/> }}
                <div class="actions"><button class="button" data-testid="try-lesson" on:click=try_it>{tr("Try it")}</button></div>
                <ul class="tried" role="status" data-testid="tried">{move || tried.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                <ul class="tried wrong">{move || problems.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                <p class="note">{tr("The lesson is part of the document: the share link, the file and the picture carry it.")}</p>
            </div>
        </section>
    }
}

/// Where in the panel something is, from its path in the document: "Step 1, bet, answer 2, right when".
fn place(path: &str) -> String {
    let index = |part: &str| {
        part.split_once('[').and_then(|(_, n)| n.trim_end_matches(']').parse::<usize>().ok()).map(|n| n + 1)
    };
    let part = |part: &str| match part.split('[').next().unwrap_or(part) {
        "lesson" => String::new(),
        "steps" => index(part).map_or_else(|| tr("the steps").to_owned(), |n| fill("step {n}", &[&n])),
        "choices" => index(part).map_or_else(|| tr("the answers").to_owned(), |n| fill("answer {n}", &[&n])),
        "when" => tr("the condition").to_owned(),
        "say" => tr("what to read and do").to_owned(),
        other => other.replace('_', " "),
    };
    let words: Vec<String> = path.split('.').map(part).filter(|w| !w.is_empty()).collect();
    let mut letters = words.join(", ");
    if let Some(first) = letters.get(..1).map(str::to_uppercase) {
        letters.replace_range(..1, &first);
    }
    letters + ":"
}

/// The fields of one step.
#[component]
fn StepFields(store: Store, lesson: Memo<Value>, at: usize, recording: RwSignal<Option<Recording>>) -> impl IntoView {
    let path = move |rest: &str| format!("/steps/{at}{rest}");
    let look = move || {
        let list = lesson.with(|l| l.pointer(&path("/look")).and_then(Value::as_array).cloned()).unwrap_or_default();
        let names: Vec<String> = list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    let look_here = move |_| {
        let ids = store.editor.with_untracked(|e| e.selected_nodes().to_vec());
        change(store, |l| put(l, &path("/look"), if ids.is_empty() { Value::Null } else { json!(ids) }));
    };
    let choices =
        memo(move || lesson.with(|l| l.pointer(&path("/bet/choices")).and_then(Value::as_array).map_or(0, Vec::len)));
    let choice = move |i: usize| {
        view! {
            <div class="choice">
                <Text store lesson path=path(&format!("/bet/choices/{i}/text")) label=tr("Answer")/>
                <Text store lesson path=path(&format!("/bet/choices/{i}/when")) label=tr("Right when") mono=true/>
            </div>
        }
    };
    let more = move |_| {
        change(store, |l| {
            let there = path("/bet/choices");
            let mut list = l.pointer(&there).and_then(Value::as_array).cloned().unwrap_or_default();
            list.push(json!({"text": "", "when": ""}));
            put(l, &there, json!(list));
        });
    };
    let fewer = move |_| {
        change(store, |l| {
            let there = path("/bet/choices");
            let mut list = l.pointer(&there).and_then(Value::as_array).cloned().unwrap_or_default();
            list.pop();
            put(l, &there, if list.is_empty() { Value::Null } else { json!(list) });
        });
    };
    view! {
        <Text store lesson path=path("/say") label=tr("What to read and do") rows=3/>
        <div class="actions"><span class="note">{move || fill("Points at {what}", &[&look()])}</span>
            <button class="button" on:click=look_here>{tr("Point at the selection")}</button></div>
        <details><summary>{tr("A bet")}</summary>
            <Text store lesson path=path("/bet/ask") label=tr("The question") rows=2/>
            <Record store lesson recording path=path("/bet/change") at label=tr("What is done for the answer")/>
            {move || (0..choices.get()).map(choice).collect_view()}
            <div class="actions"><button class="button" data-testid="add-answer" on:click=more>{tr("Add an answer")}</button>
                <button class="button" disabled=move || choices.get() == 0 on:click=fewer>{tr("Remove the last")}</button></div>
        </details>
        <details open=true><summary>{tr("A goal")}</summary>
            <Text store lesson path=path("/goal/text") label=tr("In words")/>
            <Text store lesson path=path("/goal/when") label=tr("Reached when") mono=true/>
            <Measured store/>
            <Record store lesson recording path=path("/solution") at label=tr("A solution")/>
            <Lines store lesson path=path("/hints") label=tr("Hints, one a line, the faintest first")/>
        </details>
        <details><summary>{tr("What it means")}</summary>
            <Text store lesson path=path("/explain") label=tr("In the field's terms") rows=3/>
            <Text store lesson path=path("/real/text") label=tr("What real systems do") rows=2/>
            <Lines store lesson path=path("/real/sources") label=tr("Where that is written, an address a line")/>
        </details>
    }
}

/// A text of the lesson.
#[component]
fn Text(
    store: Store,
    lesson: Memo<Value>,
    #[prop(into)] path: String,
    label: &'static str,
    #[prop(optional)] rows: u32,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    let example = if mono { "latency_ms.p99 < 250 and requests.failed == 0" } else { "" };
    let path = StoredValue::new(path);
    let value = memo(move || {
        lesson.with(|l| path.with_value(|p| l.pointer(p).and_then(Value::as_str).unwrap_or_default().to_owned()))
    });
    let typed = move |e| {
        let text = event_target_value(&e);
        let value = if text.trim().is_empty() { Value::Null } else { json!(text) };
        change(store, |l| path.with_value(|p| put(l, p, value)));
    };
    view! {
        <label class="written"><span>{label}</span>
            {if rows > 0 {
                view! { <textarea rows=rows prop:value=move || value.get() on:change=typed></textarea> }.into_any()
            } else {
                view! { <input class:mono=mono placeholder=example spellcheck=(!mono).to_string() prop:value=move || value.get() on:change=typed/> }.into_any()
            }}
        </label>
    }
}

/// A list of texts of the lesson, one a line.
#[component]
fn Lines(store: Store, lesson: Memo<Value>, path: String, label: &'static str) -> impl IntoView {
    let path = StoredValue::new(path);
    let value = memo(move || {
        let list =
            lesson.with(|l| path.with_value(|p| l.pointer(p).and_then(Value::as_array).cloned())).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
    });
    let typed = move |e| {
        let text = event_target_value(&e);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let value = if lines.is_empty() { Value::Null } else { json!(lines) };
        change(store, |l| path.with_value(|p| put(l, p, value)));
    };
    view! { <label class="written"><span>{label}</span><textarea rows="3" prop:value=move || value.get() on:change=typed></textarea></label> }
}

/// Entries of the lesson, recorded from what is done on the canvas.
#[component]
fn Record(
    store: Store,
    lesson: Memo<Value>,
    recording: RwSignal<Option<Recording>>,
    path: String,
    at: usize,
    label: &'static str,
) -> impl IntoView {
    let path = StoredValue::new(path);
    let mine = move || path.with_value(|p| recording.with(|r| r.as_ref().is_some_and(|r| r.into == *p)));
    let listed = move || {
        let all = lesson.with(|l| path.with_value(|p| entries(l, p)));
        let words = store.editor.with(|e| {
            all.iter()
                .map(|entry| format!("{} s: {}", entry.at_s, self::label(e.document(), entry)))
                .collect::<Vec<_>>()
        });
        words.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()
    };
    let press = move |_| {
        if mine() {
            return stop(store, recording);
        }
        stop(store, recording);
        let home = store.editor.with_untracked(|e| e.document().clone());
        let before = lesson
            .with_untracked(|l| (0..at).flat_map(|i| entries(l, &format!("/steps/{i}/solution"))).collect::<Vec<_>>());
        let from = applied(&home, &before);
        recording.set(Some(Recording {
            into: path.get_value(),
            id: store.doc_id.get_untracked(),
            home,
            from: from.clone(),
        }));
        store.apply(Command::Branch(Box::new(from)));
        store.tell("Recording: change the design or break something, then press Stop. Set the clock to 0 for what belongs to the design.");
    };
    view! {
        <div class="written"><span>{label}</span>
            <ul class="tried">{listed}</ul>
            <button class="button" class:primary=mine data-testid=path.with_value(|p| if p.ends_with("solution") { "record-solution" } else { "record-change" })
                on:click=press>{move || if mine() { tr("Stop") } else { tr("Record") }}</button>
        </div>
    }
}

/// Ends a recording: what was done becomes entries, and the canvas goes back.
fn stop(store: Store, recording: RwSignal<Option<Recording>>) {
    let Some(Recording { into, id, home, from }) = recording.get_untracked() else { return };
    recording.set(None);
    if id != store.doc_id.get_untracked() {
        return store.tell("Nothing is recorded: another document was opened in the meantime.");
    }
    let after = store.editor.with_untracked(|e| e.document().clone());
    let done = difference(&from, &after);
    let written = Scenario { timeline: done.clone(), ..Scenario::default() };
    let text: Value = serde_json::from_str(&loadstone::codec::write(&written)).unwrap_or_default();
    let mut lesson = lesson_of(&home);
    put(
        &mut lesson,
        &into,
        text.get("timeline")
            .cloned()
            .filter(|list| list.as_array().is_some_and(|l| !l.is_empty()))
            .unwrap_or(Value::Null),
    );
    let lesson = match lesson {
        Value::Object(map) => map,
        _ => Params::new(),
    };
    store.apply(Command::Branch(Box::new(Scenario { lesson, ..home })));
    store.tell(match done.len() {
        0 => tr("Nothing was done, so nothing is recorded.").to_owned(),
        1 => tr("One entry is recorded.").to_owned(),
        n => fill("{n} entries are recorded.", &[&n]),
    });
}

/// What a run of the present design measures, by the paths that goals may use.
#[component]
fn Measured(store: Store) -> impl IntoView {
    let found = RwSignal::new(None::<Vec<(String, f64)>>);
    let measure = move |_| {
        let document = store.editor.with_untracked(|e| Scenario { lesson: Params::new(), ..e.document().clone() });
        simulate(
            document,
            || true,
            move |facts| {
                if let Ok(facts) = facts {
                    found.try_set(Some(facts.numbers()));
                }
            },
        );
    };
    view! {
        <details><summary>{tr("What can be asked of a run")}</summary>
            <p class="note">{tr("Comparisons of these with numbers or with one another, joined by and, or, not: latency_ms.p99 < 250 and requests.failed == 0. Also kind.server, link.a.b and log.promoted.")}</p>
            <button class="button" on:click=measure>{tr("Run it and list the numbers")}</button>
            <ul class="tried mono">{move || found.get().unwrap_or_default().into_iter().map(|(path, n)| view! { <li>{format!("{path} = {}", format::number(n))}</li> }).collect_view()}</ul>
        </details>
    }
}

/// What the engine says to every step.
fn try_out(store: Store) -> Vec<String> {
    let document = store.editor.with_untracked(|e| e.document().clone());
    let (lesson, problems) = read(&document);
    let Some(lesson): Option<Lesson> = lesson else {
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return if said.is_empty() { vec![tr("There is no lesson yet.").to_owned()] } else { said };
    };
    let reports = trial::trial(&document, &lesson);
    let step = |(i, report): (usize, &trial::Report)| {
        let lines = report.said.iter().map(|l| format!("✓ {l}")).chain(report.wrong.iter().map(|l| format!("✗ {l}")));
        let lines: Vec<String> = lines.map(|line| fill("Step {n}: {line}", &[&(i + 1), &line])).collect();
        if lines.is_empty() { vec![fill("Step {n}: nothing to judge.", &[&(i + 1)])] } else { lines }
    };
    reports.iter().enumerate().flat_map(step).collect()
}
