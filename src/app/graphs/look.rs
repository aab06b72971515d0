//! What all charts share: the part of the run, the cursor, the chosen nodes, the lines that are switched off.

use crate::store::{Shared, Store, memo};
use leptos::prelude::*;
use loadstone::component::slo::limits;
use loadstone::order;
use loadstone::scene::plots::{Plot, Topic, Wanted, plots};
use loadstone::scene::span::Span;
use loadstone::time::{Nanos, from_s};
use std::sync::Arc;

/// Signals of the charts.
#[derive(Clone, Copy)]
pub struct Look {
    pub span: RwSignal<Span>,
    pub cursor: RwSignal<Option<Nanos>>,
    /// The moment that was clicked, or that keys went to last.
    pub chosen: RwSignal<Option<Nanos>>,
    /// A range that is being dragged.
    pub drag: RwSignal<Option<(Nanos, Nanos)>>,
    pub nodes: RwSignal<order::Set<String>>,
    pub hidden: RwSignal<order::Set<String>>,
    pub plots: Memo<Shared<Vec<Plot>>>,
    pub topics: Memo<Vec<Topic>>,
}

impl Look {
    /// The whole run.
    pub fn new(store: Store) -> Look {
        let end = memo(move || {
            let end = store.end.get();
            if end > 0 { end } else { store.editor.with(|e| from_s(e.document().run_s)) }
        });
        let span = RwSignal::new(Span::whole(end.get_untracked()));
        Effect::new(move |_| {
            let of = span.get_untracked().of(end.get());
            span.set(of);
        });
        let (nodes, hidden) = (RwSignal::new(order::Set::new()), RwSignal::new(order::Set::new()));
        let plots = memo(move || {
            store.frame.track();
            let made = store.editor.with(|e| {
                let limits = limits(e.document());
                let (nodes, hidden, rival) = (nodes.read(), hidden.read(), store.rival.read());
                let wanted =
                    Wanted { span: span.get(), nodes: &nodes, hidden: &hidden, rival: rival.as_ref(), limits: &limits };
                store.series.with_value(|s| plots(s, e.document(), &wanted))
            });
            Shared(Arc::new(made))
        });
        let topics = memo(move || plots.read().0.iter().map(|p| p.topic).collect());
        Look {
            span,
            cursor: RwSignal::new(None),
            chosen: RwSignal::new(None),
            drag: RwSignal::new(None),
            nodes,
            hidden,
            plots,
            topics,
        }
    }

    /// The moment that keys act on: the cursor, or the middle.
    pub fn about(self) -> Nanos {
        let span = self.span.get_untracked();
        self.cursor.get_untracked().unwrap_or_else(|| span.at(0.5))
    }

    /// Half as long, or twice.
    pub fn zoom(self, closer: bool) {
        let about = self.about();
        self.span.update(|s| *s = s.zoomed(closer, about));
    }

    /// Moved by a share of what is shown.
    pub fn pan(self, by: f64) {
        self.span.update(|s| *s = s.moved(by));
    }

    /// Moves the cursor, and what is shown after it.
    pub fn point_at(self, at: Nanos) {
        let at = at.min(self.span.get_untracked().end);
        self.cursor.set(Some(at));
        self.chosen.set(Some(at));
        self.span.update(|s| *s = s.showing(at));
    }

    /// Switches a line off, or on again.
    pub fn toggle(self, key: &str) {
        self.hidden.update(|hidden| {
            if !hidden.remove(key) {
                hidden.insert(key.to_owned());
            }
        });
    }
}
