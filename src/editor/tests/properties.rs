//! Random commands at random times: whatever a person does, the document stays sound and undo is exact.

use super::*;
use crate::component::Meaning;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A command in terms of positions, which `resolve` turns into one about what is there.
type Raw = (u8, u8, u8, i8, u64);

fn raw() -> impl Strategy<Value = Raw> {
    (0u8..25, any::<u8>(), any::<u8>(), any::<i8>(), prop_oneof![2 => Just(0), 3 => 0u64..150_000])
}

fn resolve(e: &Editor, (what, a, b, n, _): Raw) -> Command {
    let ids: Vec<String> = edit::all_nodes(e.document()).map(|(n, _)| n.id.clone()).collect();
    let pick = |i: u8| ids.get(i as usize % ids.len().max(1)).cloned().unwrap_or_default();
    let links: Vec<(String, String)> =
        e.document().at(u64::MAX).links.iter().map(|l| (l.from.clone(), l.to.clone())).collect();
    let (from, to) = links.get(b as usize % links.len().max(1)).cloned().unwrap_or_default();
    let all = PresetId::all();
    let preset = all[a as usize % all.len()];
    let by = [f64::from(n), f64::from(b)];
    let side = [Direction::Left, Direction::Right, Direction::Up, Direction::Down][b as usize % 4];
    let value = [json!(n), json!({"exponential": 3}), json!("private"), Value::Null, json!(2)][b as usize % 5].clone();
    let actions = [Action::Crash, Action::Freeze, Action::Recover, Action::Slow { factor: 3.0 }, Action::Cut];
    let table = ["cores", "service_ms", "address", "health.fall", "weight", "rate_rps", "failover", "latency_ms"];
    let name = table[n.unsigned_abs() as usize % table.len()].to_owned();
    let place = if b % 2 == 0 { Place::At(by) } else { Place::Near(by) };
    match what {
        0..=2 => Command::AddNode { preset, place },
        3 => Command::AddConnected { from: pick(a), preset: None, side },
        4..=6 => Command::Link { from: pick(a), to: pick(b) },
        7 => Command::Move { ids: vec![pick(a), pick(b)], by, gesture: u64::from(a % 3) },
        8 => Command::Nudge { by },
        9 => Command::Rename { id: pick(a), name: format!("N{b}") },
        10 => Command::SetParam { target: Item::Node(pick(a)), name, value, gesture: u64::from(a % 2) },
        11 => Command::SetParam { target: Item::Link(from, to), name, value, gesture: 0 },
        12 => Command::SetZone { ids: vec![pick(a)], zone: (b % 2 == 0).then(|| "eu-a".to_owned()) },
        13 => Command::Relink { from, to, end: if n > 0 { End::From } else { End::To }, node: pick(a) },
        14 => Command::Delete,
        15 => Command::Cut,
        16 => Command::Duplicate { gesture: 0 },
        17 => Command::Select(vec![Item::Node(pick(a)), Item::Node(pick(b))]),
        18 => Command::Toggle(Item::Link(from, to)),
        19 => {
            let target = if n > 0 { Target::Node(pick(a)) } else { Target::Link(from, to) };
            Command::fault(&actions[b as usize % actions.len()], vec![target], (b % 2 == 0).then_some(2.0))
        }
        20 => Command::RemoveEntry(a as usize % e.document().timeline.len().max(1)),
        21 => {
            let index = a as usize % e.document().timeline.len().max(1);
            Command::MoveEntry { index, at: u64::from(b) * SECOND, gesture: u64::from(a % 2) }
        }
        22 => Command::KeepEdits,
        23 => {
            let line = [Line::Left, Line::Centre, Line::Right, Line::Top, Line::Middle, Line::Bottom][b as usize % 6];
            let how =
                [Arrange::Align(line), Arrange::SpreadAcross, Arrange::SpreadDown, Arrange::Layout][a as usize % 4];
            Command::Arrange { how, share: f64::from(b % 3) / 2.0, gesture: u64::from(a % 2) }
        }
        _ => [Command::Undo, Command::Redo, Command::SelectAll][b as usize % 3].clone(),
    }
}

/// What must hold after every command.
fn sound(e: &Editor) -> Result<(), String> {
    let doc = e.document();
    let mut ids = BTreeSet::new();
    for (node, _) in edit::all_nodes(doc) {
        if !ids.insert(node.id.as_str()) {
            return Err(format!("two nodes are {}", node.id));
        }
        if !node.at.iter().all(|v| v.is_finite()) {
            return Err(format!("{} stands at {:?}", node.id, node.at));
        }
        let kind = Kind::from_id(&node.kind).ok_or("an unknown kind")?;
        params_fit(&node.params, kind.spec().params).map_err(|e| format!("{}: {e}", node.id))?;
    }
    if let Some(&i) = sound::vain(doc).first() {
        return Err(format!("entry {i} acts on what is not there: {:?}", doc.timeline[i]));
    }
    for at in doc.timeline.iter().map(Entry::at).chain([0]) {
        no_rings(&doc.at(at)).map_err(|e| format!("at {at}: {e}"))?;
    }
    // A half-drawn design may lack a path for a name; everything else the editor can prevent.
    let problems = check::check(doc);
    let errors = problems.iter().filter(|p| p.is_error() && !p.message.contains("who have no path there"));
    if let Some(error) = errors.into_iter().next() {
        return Err(format!("the checks find {error}"));
    }
    let mut times: Vec<u64> = doc.timeline.iter().map(Entry::at).collect();
    times.push(0);
    for at in times {
        let shown = e.shown(at).design;
        for link in &shown.links {
            let end = |id: &str| shown.node(id).and_then(|n| Kind::from_id(&n.kind));
            let (Some(a), Some(b)) = (end(&link.from), end(&link.to)) else {
                return Err(format!("{} → {} dangles at {at}", link.from, link.to));
            };
            let means = link::meaning(a, b).map_err(str::to_owned)?;
            params_fit(&link.params, means.params()).map_err(|e| format!("{} → {}: {e}", link.from, link.to))?;
        }
    }
    for item in e.selection().iter() {
        let there = match item {
            Item::Node(id) => ids.contains(id.as_str()),
            Item::Link(from, to) => ids.contains(from.as_str()) && ids.contains(to.as_str()),
        };
        if !there {
            return Err(format!("{item:?} is selected and not there"));
        }
    }
    Ok(())
}

/// Requests run in no ring, and who feeds the same database knows of each other; told by plain search from every node,
/// not by the editor's own way.
fn no_rings(design: &Scenario) -> Result<(), String> {
    let kind = |id: &str| design.node(id).and_then(|n| Kind::from_id(&n.kind)).unwrap();
    let replicates = |l: &&Link| link::meaning(kind(&l.from), kind(&l.to)).unwrap() == Meaning::Replication;
    let ahead = |start: &str, replication: bool| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![start.to_owned()]);
        while let Some(here) = open.pop() {
            for l in design.links.iter().filter(|l| l.from == here && replicates(l) == replication) {
                if seen.insert(l.to.clone()) {
                    open.push(l.to.clone());
                }
            }
        }
        seen
    };
    if let Some(node) = design.nodes.iter().find(|n| ahead(&n.id, false).contains(&n.id)) {
        return Err(format!("{} is in a ring", node.id));
    }
    let feeds: Vec<(&str, BTreeSet<String>)> =
        design.nodes.iter().map(|n| (n.id.as_str(), ahead(&n.id, true))).collect();
    let first = |id: &str, fed: &BTreeSet<String>| feeds.iter().all(|(by, f)| !f.contains(id) || fed.contains(*by));
    let firsts: Vec<_> = feeds.iter().filter(|(id, fed)| first(id, fed)).collect();
    for (a, fed) in &firsts {
        let other = firsts.iter().find(|(b, also)| a != b && !fed.contains(*b) && !fed.is_disjoint(also));
        if let Some((b, _)) = other {
            return Err(format!("{a} and {b} feed the same database and do not know of each other"));
        }
    }
    Ok(())
}

fn params_fit(params: &crate::scenario::Params, table: &'static [Param]) -> Result<(), String> {
    for (name, value) in params {
        let param = table.iter().find(|p| p.name == name).ok_or_else(|| format!("{name} is not in the table"))?;
        param.check(value).map_err(|e| format!("{name} {e}"))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_done_the_document_is_sound_and_undo_is_exact(raws in prop::collection::vec(raw(), 1..60)) {
        let mut e = editor();
        for raw in raws {
            let command = resolve(&e, raw);
            let before = e.document().clone();
            let shown = format!("{command:?}");
            match e.apply(command, raw.4 * MS + u64::from(raw.1)) {
                Ok(done) => prop_assert_eq!(done.changed, before != *e.document(), "{} tells wrongly whether it changed", shown),
                Err(reason) => {
                    prop_assert_eq!(&before, e.document(), "{} was refused and changed the document", shown);
                    prop_assert!(reason.ends_with('.'), "{} gives no sentence: {}", shown, reason);
                }
            }
            if let Err(wrong) = sound(&e) {
                prop_assert!(false, "after {}: {}", shown, wrong);
            }
        }
        // Forward to the newest, then all the way back and forth.
        while e.apply(Command::Redo, 0).is_ok() {}
        let last = e.document().clone();
        while e.apply(Command::Undo, 0).is_ok() {}
        prop_assert_eq!(e.document(), &site(), "undoing everything leads to the start");
        while e.apply(Command::Redo, 0).is_ok() {}
        prop_assert_eq!(e.document(), &last, "redoing everything leads to the end");
    }
}
