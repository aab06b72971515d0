//! Settings: one widget for each parameter, made from what `scene::inspector` says about it.

use super::cost::NodeCost;
use crate::glossary;
use crate::store::{Store, memo};
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::codec;
use loadstone::component::param;
use loadstone::editor::{Command, Item};
use loadstone::glossary::of_param;
use loadstone::scene::inspector::{Field, Inspector, SHAPES, Widget, distribution, read, reshaped};
use loadstone::texts::{fill, said, tr};
use serde_json::{Value, json};

/// Every parameter of the selected node or link.
#[component]
pub fn Settings(store: Store, about: Memo<Inspector>, item: Item) -> impl IntoView {
    let item = StoredValue::new(item);
    let is_node = about.with_untracked(|a| a.is_node);
    // Names and widgets' shapes only: values come through memos, so that typing is never interrupted.
    let layout = memo(move || {
        about
            .read()
            .sections
            .iter()
            .map(|s| (s.label, s.folded, s.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>()))
            .collect::<Vec<_>>()
    });
    view! {
        <p>{move || format!("{}. {}", said(&about.read().kind), said(&about.read().help))}</p>
        <Show when=move || is_node><NodeFields store about item=item.get_value()/></Show>
        {move || layout.get().into_iter().map(|(label, folded, names)| {
            let fields = names.into_iter().map(|name| view! { <FieldView store about item=item.get_value() name/> }).collect_view();
            if folded {
                view! { <details><summary>{tr(label)}</summary><div class="more">{fields}</div></details> }.into_any()
            } else {
                fields.into_any()
            }
        }).collect_view()}
        {item.with_value(|item| match item {
            Item::Node(id) => Some(view! { <NodeCost store id=id.clone()/> }),
            Item::Link(..) => None,
        })}
    }
}

/// Name and zone.
#[component]
fn NodeFields(store: Store, about: Memo<Inspector>, item: Item) -> impl IntoView {
    let Item::Node(id) = item else { return ().into_any() };
    let id = StoredValue::new(id);
    let rename = move |e| {
        store.apply(Command::Rename { id: id.get_value(), name: event_target_value(&e) });
    };
    let zone = move |e| {
        let zone = Some(event_target_value(&e)).filter(|z| !z.trim().is_empty());
        store.apply(Command::SetZone { ids: vec![id.get_value()], zone });
    };
    view! {
        <div class="field"><label for="f-name">{tr("Name")}</label>
            <div class="box"><input id="f-name" maxlength="200" prop:value=move || about.read().title.clone() on:change=rename/></div></div>
        <div class="field"><label for="f-zone">{tr("Zone")}</label>
            <div class="box"><input id="f-zone" maxlength="64" placeholder=tr("none") prop:value=move || about.read().zone.clone() on:change=zone/></div></div>
    }.into_any()
}

/// The glossary's term for a parameter.
fn term(store: Store, item: &Item, name: &str) -> Option<&'static str> {
    let param = name.split('.').next().unwrap_or(name);
    let of = |kind: &str| of_param(kind, param).map(|term| term.id.as_str());
    store.editor.with_untracked(|e| match item {
        Item::Node(id) => of(&e.document().node(id)?.kind),
        Item::Link(..) => of("link"),
    })
}

/// Finds a field by its dotted name, also inside groups.
fn find(fields: &[Field], name: &str) -> Option<Field> {
    fields.iter().find_map(|f| {
        if f.name == name {
            return Some(f.clone());
        }
        match &f.widget {
            Widget::Group { fields, .. } => find(fields, name),
            _ => None,
        }
    })
}

/// One field.
#[component]
fn FieldView(store: Store, about: Memo<Inspector>, item: Item, name: String) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let item = StoredValue::new(item);
    let field = Memo::new(move |before: Option<&Option<Field>>| {
        let found = key.with_value(|name| about.read().sections.iter().find_map(|s| find(&s.fields, name)));
        found.or_else(|| before.cloned().flatten())
    });
    let Some(first) = field.get_untracked() else { return ().into_any() };
    let wrong = RwSignal::new(None::<String>);
    let set = move |value: Value| {
        wrong.set(None);
        store.apply(Command::SetParam { target: item.get_value(), name: key.get_value(), value, gesture: 0 });
    };
    let typed = move |text: String| {
        let table = store.editor.with_untracked(|e| e.table(&item.get_value()).unwrap_or_default());
        let Some(param) = key.with_value(|name| param::find(table, name)) else { return };
        match read(param, &text) {
            Ok(value) => set(value),
            Err(why) => wrong.set(Some(why)),
        }
    };
    let id = format!("f-{}", name.replace('.', "-"));
    let help_id = format!("{id}-help");
    let get = move |read: fn(&Field) -> String| move || field.read().as_ref().map(read).unwrap_or_default();
    let widget = widget(field, &first, &id, &help_id, typed, set);
    let nested = memo(move || match field.read().as_ref().map(|f| &f.widget) {
        Some(Widget::Group { fields, .. }) => fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let reset = move |_| {
        if let Some(value) = field.get_untracked().map(|f| f.reset) {
            set(value);
        }
    };
    let changed = move || field.read().as_ref().is_some_and(|f| !f.is_default);
    let label = tr(first.label);
    let described = format!(
        "{}{}",
        tr(first.help),
        if first.range.is_empty() { String::new() } else { format!(" ({})", first.range) }
    );
    let title = described.clone();
    let term = item.with_value(|item| term(store, item, &name));
    let table = store.editor.with_untracked(|e| e.table(&item.get_value()).unwrap_or_default());
    let meaning = param::find(table, &name).map_or("", |param| tr(param.help));
    let help = move |e: leptos::ev::KeyboardEvent| {
        if let (Some(id), "F1") = (term, e.key().as_str()) {
            e.prevent_default();
            glossary::look_up(store, id, meaning);
        }
    };
    view! {
        <div class="field" class:changed=changed data-param=name title=title on:keydown=help>
            <span class="label"><label for=id>{label}</label>{term.map(|id| view! { <glossary::Explain store id about=meaning/> })}</span>
            {widget}
            <span class="unseen" id=help_id>{described}</span>
            <Show when=changed>
                <span class="help">{move || fill("default {value}", &[&get(|f| f.default.clone())()])}" · "
                    <button class="reset" aria-label=fill("Reset {what}", &[&label]) on:click=reset>{tr("reset")}</button></span>
            </Show>
            {move || wrong.get().or_else(|| field.read().as_ref().and_then(|f| f.error.clone())).map(|w| view! { <span class="wrong" role="alert">{said(&w)}</span> })}
        </div>
        {move || {
            let names = nested.get();
            (!names.is_empty()).then(|| view! {
                <div class="group" role="group" aria-label=label>
                    {names.into_iter().map(|name| view! { <FieldView store about item=item.get_value() name/> }).collect_view()}
                </div>
            })
        }}
    }.into_any()
}

fn widget(
    field: Memo<Option<Field>>,
    first: &Field,
    id: &str,
    help: &str,
    typed: impl Fn(String) + Copy + Send + Sync + 'static,
    set: impl Fn(Value) + Copy + Send + Sync + 'static,
) -> AnyView {
    let (id, help) = (id.to_owned(), help.to_owned());
    let text = move || field.read().as_ref().map(|f| f.text.clone()).unwrap_or_default();
    let unit = first.unit;
    match &first.widget {
        Widget::Number { .. } | Widget::Whole { .. } | Widget::Text | Widget::Json | Widget::Later => {
            let numeric = matches!(first.widget, Widget::Number { .. } | Widget::Whole { .. });
            let later = matches!(first.widget, Widget::Later);
            let step = move |e: leptos::ev::KeyboardEvent| {
                let by = match e.key().as_str() {
                    "ArrowUp" => 1.0,
                    "ArrowDown" => -1.0,
                    "Enter" => return typed(event_target_value(&e)),
                    _ => return,
                };
                if numeric {
                    e.prevent_default();
                    if let Some(value) = stepped(&field.get_untracked(), by) {
                        typed(value.to_string());
                    }
                }
            };
            view! {
                <div class="box"><input id=id aria-describedby=help inputmode=if numeric { "decimal" } else { "text" } disabled=later
                    placeholder=if first.nullable { tr("none") } else { "" } autocomplete="off"
                    prop:value=text on:change=move |e| typed(event_target_value(&e)) on:keydown=step/>
                    <span class="unit">{unit}</span></div>
            }.into_any()
        }
        Widget::Switch(_) | Widget::Group { .. } => {
            let on = move || {
                matches!(
                    field.read().as_ref().map(|f| &f.widget),
                    Some(Widget::Switch(true) | Widget::Group { on: true, .. })
                )
            };
            let group = matches!(first.widget, Widget::Group { .. });
            let flip = move |_| {
                let value = match (group, on()) {
                    (true, true) => Value::Null,
                    (true, false) => json!({}),
                    (false, now) => json!(!now),
                };
                set(value);
            };
            view! {
                <div class="end"><button class="switch" id=id role="switch" aria-describedby=help aria-label=tr(first.label)
                    aria-checked=move || on().to_string() on:click=flip></button></div>
            }
            .into_any()
        }
        Widget::Choice(options) => {
            let now =
                move || field.read().as_ref().and_then(|f| f.value.as_str().map(str::to_owned)).unwrap_or_default();
            let options = options
                .iter()
                .map(|(value, label)| {
                    let value = *value;
                    view! { <option value=value selected=move || now() == value>{said(label)}</option> }
                })
                .collect_view();
            view! {
                <div class="box"><select id=id aria-describedby=help prop:value=now on:change=move |e| set(json!(event_target_value(&e)))>{options}</select></div>
            }.into_any()
        }
        Widget::Distribution { .. } => distribution_widget(field, id, help, unit, set),
    }
}

/// The value one press of an arrow key away.
fn stepped(field: &Option<Field>, by: f64) -> Option<f64> {
    let field = field.as_ref()?;
    let now = field.value.as_f64().unwrap_or(0.0);
    let (min, max, step) = match field.widget {
        Widget::Number { min, max, step } => (min, max, step),
        Widget::Whole { min, max } => (min, max, 1.0),
        _ => return None,
    };
    let to = ((now + by * step) / step).round() * step;
    Some(((to * 1e6).round() / 1e6).clamp(min, max))
}

fn distribution_widget(
    field: Memo<Option<Field>>,
    id: String,
    help: String,
    unit: &'static str,
    set: impl Fn(Value) + Copy + Send + Sync + 'static,
) -> AnyView {
    let shape = memo(move || match field.read().as_ref().map(|f| &f.widget) {
        Some(Widget::Distribution { shape, .. }) => *shape,
        _ => "constant",
    });
    let parts = move || match field.read().as_ref().map(|f| &f.widget) {
        Some(Widget::Distribution { parts, .. }) => parts.clone(),
        _ => Vec::new(),
    };
    let note = move || match field.read().as_ref().map(|f| &f.widget) {
        Some(Widget::Distribution { note, .. }) => note.clone(),
        _ => String::new(),
    };
    let pick = move |e| {
        let to = event_target_value(&e);
        if let Some(field) = field.get_untracked() {
            set(reshaped(&field.value, &to));
        }
    };
    let inputs: Vec<NodeRef<Input>> = (0..3).map(|_| NodeRef::new()).collect();
    let inputs = StoredValue::new(inputs);
    let change = move |_| {
        let numbers: Vec<f64> = inputs
            .get_value()
            .iter()
            .filter_map(|i| i.get_untracked())
            .map(|i| codec::number(&i.value().replace(',', "")).unwrap_or(f64::NAN))
            .collect();
        set(distribution(shape.get_untracked(), &numbers));
    };
    let numbers = move || {
        let _ = shape.get();
        let parts = parts();
        parts.into_iter().zip(inputs.get_value()).map(|(part, input)| view! {
            <div class="box"><input node_ref=input inputmode="decimal" aria-label=tr(part.label) autocomplete="off"
                prop:value=loadstone::scene::format::exact(part.value) on:change=change/>
                <span class="unit">{if part.unit { format!("{} {unit}", tr(part.label)) } else { tr(part.label).to_owned() }}</span></div>
        }).collect_view()
    };
    view! {
        <div class="two">
            <div class="box"><select id=id aria-describedby=help prop:value=move || shape.get() on:change=pick>
                {SHAPES.iter().map(|(value, label)| view! { <option value=*value selected=move || shape.get() == *value>{tr(label)}</option> }).collect_view()}
            </select></div>
            {numbers}
            <span class="note">{move || said(&note())}</span>
        </div>
    }.into_any()
}
