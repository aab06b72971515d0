//! What the page is opened for: to edit, to look at (`?view`), or inside another page (`?embed`). `boot.js` reads the address
//! before the first paint and writes it at the root element, where the style sheets see it too.

use leptos::prelude::document;
use loadstone::editor::Command;
use loadstone::editor::actions::Act;

/// What the page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything.
    Edit,
    /// Everything but changes; keeps nothing in the browser.
    View,
    /// The canvas and its clock inside another page; keeps nothing either.
    Embed,
}

impl Mode {
    /// That of this page.
    pub fn now() -> Mode {
        match document().document_element().and_then(|root| root.get_attribute("data-mode")).as_deref() {
            Some("view") => Mode::View,
            Some("embed") => Mode::Embed,
            _ => Mode::Edit,
        }
    }

    /// What stands behind the page's address for it.
    pub fn query(self) -> &'static str {
        match self {
            Mode::Edit => "",
            Mode::View => "?view",
            Mode::Embed => "?embed",
        }
    }

    /// Whether this command may be carried out.
    pub fn allows(self, command: &Command) -> bool {
        use Command::{Copy, Deselect, Marquee, Select, SelectAll, Toggle};
        let looks = matches!(command, Select(_) | Toggle(_) | Deselect | Marquee { .. } | SelectAll | Copy);
        self == Mode::Edit || looks
    }

    /// Whether a person may do this.
    pub fn offers(self, act: Act) -> bool {
        use Act::*;
        let watches = matches!(
            act,
            Cancel
                | PlayPause
                | Step
                | StepBack
                | Second(_)
                | Restart
                | Faster
                | Slower
                | ZoomIn
                | ZoomOut
                | ZoomReset
                | FitAll
        );
        let looks = matches!(
            act,
            SelectTool
                | PanTool
                | SelectAll
                | Copy
                | Walk(_)
                | FindNode
                | FitSelection
                | ToggleTheme
                | Language
                | ToggleOutline
                | Charts
                | ExportCsv
                | ExportJson
                | ExportPng
                | ExportSvg
                | ExportMermaid
                | ExportStack
                | Film
                | TraceP99
                | TraceFailed
                | OpenPalette
                | Help
                | Share
        );
        match self {
            Mode::Edit => true,
            Mode::View => watches || looks,
            Mode::Embed => watches,
        }
    }
}
