//! Sticky sessions: which backend each client keeps. What a cookie in the browser does, so a restart loses nothing.

use crate::component::net::{Ask, NONE, NodeIx};

/// Four bytes for each client that was ever seen; there are no more than their users nodes say.
#[derive(Clone, Default)]
pub struct Sessions(Vec<(NodeIx, Vec<u32>)>);

impl Sessions {
    /// The backend that this request's client keeps.
    pub fn get(&self, ask: &Ask) -> Option<usize> {
        let (_, kept) = self.0.iter().find(|(users, _)| *users == ask.origin.users)?;
        kept.get(ask.client as usize).filter(|&&i| i != NONE).map(|&i| i as usize)
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(_, kept)| size_of_val(&kept[..])).sum()
    }

    /// This request's client keeps this backend from now on.
    pub fn set(&mut self, ask: &Ask, backend: usize) {
        let users = ask.origin.users;
        let place = self.0.iter().position(|(node, _)| *node == users).unwrap_or_else(|| {
            self.0.push((users, Vec::new()));
            self.0.len() - 1
        });
        let kept = &mut self.0[place].1;
        if kept.len() <= ask.client as usize {
            kept.resize(ask.client as usize + 1, NONE);
        }
        kept[ask.client as usize] = backend as u32;
    }
}
