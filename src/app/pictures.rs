//! The canvas as a file to show: SVG and PNG. Both carry the document, so that they open again as the scenario.

use super::documents::{save, stem};
use super::paint::paint;
use super::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use loadstone::codec::{link, picture as carried};
use loadstone::mermaid::mermaid;
use loadstone::scene::picture::{Ink, Picture, picture, svg};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Pixels of a file for each one of the canvas, so that it is sharp on every screen.
pub const SHARP: f64 = 2.0;
/// No picture is wider or higher than this, in pixels: browsers paint no larger canvas everywhere.
const MOST: f64 = 8192.0;

/// What the canvas shows now, whatever the camera, with the document's name and its link if that is short enough to open.
fn shown(store: Store) -> (Picture, String, Option<String>) {
    let picture = store.scene.with_untracked(|scene| picture(scene));
    let (name, link) = store.editor.with_untracked(|e| (e.document().name.clone(), link::encode(e.document())));
    let link = (link.len() <= link::MAX_FRAGMENT).then_some(link);
    if link.is_none() {
        store.warn("This design is too large to go inside a picture: the picture will not open as a scenario. Save the file too.");
    }
    (picture, name, link)
}

/// Saves the canvas as SVG.
pub fn save_svg(store: Store, dark: bool) {
    let (picture, name, link) = shown(store);
    let text = svg(&picture, &name, link.as_deref(), dark);
    save(store, &format!("{}.svg", stem(&name)), "image/svg+xml", text.as_bytes());
}

/// Saves the design as a diagram for Markdown.
pub fn save_mermaid(store: Store) {
    let (_, name, link) = shown(store);
    let text = store.editor.with_untracked(|e| mermaid(e.document(), link.as_deref()));
    save(store, &format!("{}.mmd", stem(&name)), "text/vnd.mermaid", text.as_bytes());
}

/// Saves the canvas as PNG, with so many pixels for each of its own.
pub fn save_png(store: Store, scale: f64, dark: bool) {
    let (picture, name, link) = shown(store);
    match png(&picture, scale, dark) {
        Some(bytes) => {
            let bytes = link.map_or(bytes.clone(), |link| carried::into_png(&bytes, &link, rawzip::crc32));
            save(store, &format!("{}.png", stem(&name)), "image/png", &bytes);
        }
        None => store.warn("This browser does not paint a picture this large: save it as SVG."),
    }
}

fn png(picture: &Picture, scale: f64, dark: bool) -> Option<Vec<u8>> {
    let view = picture.view;
    let scale = scale.min(MOST / view.w).min(MOST / view.h);
    let (canvas, context) = blank([view.w * scale, view.h * scale]).ok()?;
    fill(&context, &canvas, dark);
    context.set_transform(scale, 0.0, 0.0, scale, -view.x * scale, -view.y * scale).ok()?;
    paint(&context, picture, dark).ok()?;
    let address = canvas.to_data_url_with_type("image/png").ok()?;
    STANDARD.decode(address.strip_prefix("data:image/png;base64,")?).ok()
}

/// A canvas beside the page, of this many pixels.
///
/// # Errors
/// If the browser has none to give.
pub fn blank(size: [f64; 2]) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(size[0].ceil() as u32);
    canvas.set_height(size[1].ceil() as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::UNDEFINED)?.dyn_into()?;
    Ok((canvas, context))
}

/// Covers all of a canvas with the background.
pub fn fill(context: &CanvasRenderingContext2d, canvas: &HtmlCanvasElement, dark: bool) {
    // The transform is that of whole pixels, which cannot fail.
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    context.set_fill_style_str(Ink::Background.colour(dark));
    context.fill_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
}
