//! A signal for each card, link and zone. If each looked for itself in the scene, hundreds would be asked whenever one changes;
//! so one effect goes over the scene and tells those that did.

use crate::store::Store;
use leptos::prelude::*;
use loadstone::order::Map;
use loadstone::scene::{Card, Scene, Wire, Zone};
use std::sync::Arc;

/// Something of a scene that is drawn by itself.
pub trait Part: Clone + PartialEq + Send + Sync + 'static {
    /// All of its kind.
    fn all(scene: &Scene) -> &[Self];
    /// Its name among them.
    fn key(&self) -> String;
}

impl Part for Card {
    fn all(scene: &Scene) -> &[Card] {
        &scene.cards
    }
    fn key(&self) -> String {
        self.id.clone()
    }
}

impl Part for Wire {
    fn all(scene: &Scene) -> &[Wire] {
        &scene.wires
    }
    fn key(&self) -> String {
        format!("{}>{}", self.from, self.to)
    }
}

impl Part for Zone {
    fn all(scene: &Scene) -> &[Zone] {
        &scene.zones
    }
    fn key(&self) -> String {
        self.name.clone()
    }
}

/// The signals of one kind of parts, by their names.
pub struct Parts<T: Part>(StoredValue<Map<String, RwSignal<T>>>);

impl<T: Part> Clone for Parts<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Part> Copy for Parts<T> {}

impl<T: Part> Default for Parts<T> {
    fn default() -> Self {
        Parts(StoredValue::new(Map::new()))
    }
}

/// Everything that is drawn by itself.
#[derive(Clone, Copy)]
pub struct Everything {
    pub cards: Parts<Card>,
    pub wires: Parts<Wire>,
    pub zones: Parts<Zone>,
}

impl Everything {
    /// None yet; from now on those that are asked for follow the scene.
    pub fn new(store: Store) -> Everything {
        let all = Everything { cards: Parts::default(), wires: Parts::default(), zones: Parts::default() };
        Effect::new(move |before: Option<Arc<Scene>>| {
            let (scene, before) = (store.scene.get(), before.unwrap_or_default());
            all.cards.tell(&before, &scene);
            all.wires.tell(&before, &scene);
            all.zones.tell(&before, &scene);
            scene
        });
        all
    }
}

impl<T: Part> Parts<T> {
    fn tell(self, before: &Scene, now: &Scene) {
        let before = T::all(before);
        let changed = T::all(now).iter().enumerate().filter(|(i, part)| before.get(*i) != Some(part));
        for (_, part) in changed {
            if let Some(signal) = self.0.with_value(|all| all.get(&part.key()).copied())
                && signal.try_with_untracked(|old| old != part) == Some(true)
            {
                signal.set(part.clone());
            }
        }
    }

    /// The signal of the part of which this is true, for as long as the present owner lives.
    pub fn follow(self, store: Store, wanted: impl Fn(&T) -> bool) -> Option<RwSignal<T>> {
        let now = store.scene.with_untracked(|scene| T::all(scene).iter().find(|part| wanted(part)).cloned())?;
        let key = now.key();
        let signal = RwSignal::new(now);
        self.0.update_value(|all| {
            all.insert(key.clone(), signal);
        });
        on_cleanup(move || {
            let _ = self.0.try_update_value(|all| all.remove(&key));
        });
        Some(signal)
    }
}
