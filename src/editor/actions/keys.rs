//! Keys: what the browser tells of one, what a shortcut wants, and how people read it.

use crate::texts::tr;

/// Keys held down together with another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Control.
    pub ctrl: bool,
    /// ⌘ or the Windows key.
    pub meta: bool,
    /// Alt or Option.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

/// A key as the browser tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Press<'a> {
    /// `KeyboardEvent.key`: what the key types ("z", "Delete", "?").
    pub key: &'a str,
    /// `KeyboardEvent.code`: where the key is ("Digit1"); needed where Shift changes what it types.
    pub code: &'a str,
    /// What is held with it.
    pub with: Modifiers,
}

/// A key, and what must be held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// `key` in lower case; "1" and "2" are matched by the key's place.
    pub key: &'static str,
    /// ⌘ or Ctrl.
    pub primary: bool,
    /// Alt.
    pub alt: bool,
    /// Shift; for signs that some keyboards type with Shift it does not matter.
    pub shift: bool,
}

pub(super) const fn key(key: &'static str) -> Shortcut {
    Shortcut { key, primary: false, alt: false, shift: false }
}
pub(super) const fn primary(key: &'static str) -> Shortcut {
    Shortcut { key, primary: true, alt: false, shift: false }
}
pub(super) const fn shift(key: &'static str) -> Shortcut {
    Shortcut { key, primary: false, alt: false, shift: true }
}
pub(super) const fn alt(key: &'static str) -> Shortcut {
    Shortcut { key, primary: false, alt: true, shift: false }
}

impl Shortcut {
    pub(super) fn is(&self, press: &Press) -> bool {
        let with = press.with;
        if self.primary != (with.ctrl || with.meta) || self.alt != with.alt {
            return false;
        }
        let typed = press.key.to_lowercase();
        // Signs: whether Shift types them depends on the keyboard, so only the sign counts. With Shift and a digit only
        // the key's place counts, because what it types depends on the keyboard too.
        let sign = self.key.len() == 1 && !self.key.as_bytes()[0].is_ascii_alphanumeric() && self.key != " ";
        let place = press.code.strip_prefix("Digit").is_some_and(|d| d == self.key);
        let letter = press.code.strip_prefix("Key").is_some_and(|l| l.eq_ignore_ascii_case(self.key));
        if sign && self.shift {
            // What Shift makes of a sign depends on the keyboard: here too the place counts.
            let place = match press.code {
                "Comma" => ",",
                "Period" => ".",
                _ => return false,
            };
            return with.shift && place == self.key;
        }
        if sign {
            return typed == self.key;
        }
        // Alt types another letter on a Mac: there the key's place counts.
        self.shift == with.shift && (typed == self.key || place && (self.shift || self.primary) || self.alt && letter)
    }

    /// Whether it is one key without ⌘, Ctrl or Alt that types something: such shortcuts can be switched off
    /// (WCAG 2.1.4).
    pub fn is_single_character(&self) -> bool {
        !self.primary && !self.alt && self.key.chars().count() == 1
    }

    /// As people read it: "Ctrl+Shift+Z", or "⇧⌘Z" on a Mac.
    pub fn label(&self, mac: bool) -> String {
        let name = match self.key {
            " " => tr("Space").to_owned(),
            "arrowleft" => "←".to_owned(),
            "arrowright" => "→".to_owned(),
            "arrowup" => "↑".to_owned(),
            "arrowdown" => "↓".to_owned(),
            "escape" => "Esc".to_owned(),
            one if one.len() == 1 => one.to_ascii_uppercase(),
            word => word[..1].to_ascii_uppercase() + &word[1..],
        };
        let parts = [
            (self.alt, if mac { "⌥" } else { "Alt+" }),
            (self.shift, if mac { "⇧" } else { tr("Shift+") }),
            (self.primary, if mac { "⌘" } else { tr("Ctrl+") }),
        ];
        // A Mac lists ⌘ last, others list Ctrl first.
        let order: Vec<&(bool, &str)> = if mac { parts.iter().collect() } else { parts.iter().rev().collect() };
        let order = if mac { order } else { vec![order[0], order[2], order[1]] };
        order.iter().filter(|(held, _)| *held).map(|(_, sign)| *sign).collect::<String>() + &name
    }
}
