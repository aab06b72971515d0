//! A film of the canvas for a slide: what the camera sees, dots and all, as WebM. The browser's MediaRecorder encodes it.

use super::canvas::overlay;
use super::pictures::{blank, fill};
use super::store::{Store, memo, wall_ms};
use super::{clipboard, documents, icons::Icon, paint, theme};
use leptos::prelude::*;
use loadstone::scene::format;
use loadstone::scene::picture::picture;
use loadstone::texts::tr;
use loadstone::time::from_s;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{
    Blob, BlobEvent, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, MediaRecorder, MediaRecorderOptions,
};

/// Pictures in a second.
const RATE: f64 = 30.0;
/// A film ends by itself after so many seconds: it is kept in memory until then.
const LONGEST_S: f64 = 120.0;
/// Bits in a second: lines and text stay sharp.
const BITS: u32 = 6_000_000;
/// The longer side is at most this many pixels.
const MOST: f64 = 1920.0;
const KIND: &str = "video/webm";

thread_local! {
    static CAMERA: RefCell<Option<MediaRecorder>> = RefCell::default();
}

/// Begins a film, or ends the one that is recorded.
pub fn toggle(store: Store) {
    if store.filming.get_untracked().is_some() {
        return end(store);
    }
    match begin(store) {
        Ok(()) => store.say("Recording a film".to_owned()),
        Err(_) => store.warn("This browser cannot record a film (MediaRecorder with WebM). Save a picture instead."),
    }
}

/// Ends it; the file is saved when the browser has written it.
fn end(store: Store) {
    store.filming.set(None);
    if let Some(camera) = CAMERA.take() {
        // A recorder that stopped by itself has told so already.
        let _ = camera.stop();
    }
}

fn begin(store: Store) -> Result<(), JsValue> {
    if !MediaRecorder::is_type_supported(KIND) {
        return Err(JsValue::UNDEFINED);
    }
    let [w, h] = store.screen.get_untracked();
    let scale = (MOST / w.max(h)).min(window().device_pixel_ratio().clamp(1.0, 2.0));
    // Encoders want even sides.
    let (canvas, context) = blank([(w * scale / 2.0).floor() * 2.0, (h * scale / 2.0).floor() * 2.0])?;
    let options = MediaRecorderOptions::new();
    options.set_mime_type(KIND);
    options.set_video_bits_per_second(BITS);
    let stream = canvas.capture_stream()?;
    let camera = MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options)?;
    let parts = Rc::new(RefCell::new(js_sys::Array::new()));
    let more = parts.clone();
    let took = Closure::<dyn FnMut(BlobEvent)>::new(move |event: BlobEvent| {
        if let Some(part) = event.data() {
            more.borrow().push(&part);
        }
    });
    camera.set_ondataavailable(Some(took.as_ref().unchecked_ref()));
    let done = Closure::once_into_js(move || {
        drop(took);
        store.filming.set(None);
        keep(store, &parts.take());
    });
    camera.set_onstop(Some(done.unchecked_ref()));
    show(store, &canvas, &context, scale);
    camera.start_with_time_slice(1000)?;
    CAMERA.set(Some(camera));
    let began = wall_ms();
    store.filming.set(Some(began));
    go_on(store, canvas, context, scale, began, began);
    Ok(())
}

/// Saves what was recorded.
fn keep(store: Store, parts: &js_sys::Array) {
    let bag = BlobPropertyBag::new();
    bag.set_type(KIND);
    let name = format!("{}.webm", documents::stem(&store.editor.with_untracked(|e| e.document().name.clone())));
    let saved = Blob::new_with_blob_sequence_and_options(parts, &bag).and_then(|b| clipboard::hand_over(&name, &b));
    documents::told(store, &name, saved);
}

/// Takes the next picture when it is due.
fn go_on(
    store: Store,
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    scale: f64,
    began: f64,
    mut last: f64,
) {
    request_animation_frame(move || {
        // Another film, or none.
        if store.filming.get_untracked() != Some(began) {
            return;
        }
        let now = wall_ms();
        if now - began > LONGEST_S * 1000.0 {
            store.tell(format!("The film ended after {LONGEST_S:.0} seconds, the longest there is."));
            return end(store);
        }
        if now - last >= 1000.0 / RATE - 4.0 {
            last = now;
            show(store, &canvas, &context, scale);
        }
        go_on(store, canvas, context, scale, began, last);
    });
}

/// Paints what the camera sees.
fn show(store: Store, canvas: &HtmlCanvasElement, context: &CanvasRenderingContext2d, scale: f64) {
    let dark = theme::is_dark();
    fill(context, canvas, dark);
    let camera = store.camera.get_untracked();
    let zoom = camera.zoom * scale;
    let picture = store.scene.with_untracked(|scene| picture(scene));
    // A picture that fails is one of thirty in a second.
    let _ = context.set_transform(zoom, 0.0, 0.0, zoom, -camera.x * zoom, -camera.y * zoom);
    let _ = paint::paint(context, &picture, dark);
    if let Some(dots) = overlay::canvas() {
        let (w, h) = (f64::from(canvas.width()), f64::from(canvas.height()));
        let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(&dots, 0.0, 0.0, w, h);
    }
}

/// Says that a film is recorded, for how long, and ends it.
#[component]
pub fn FilmBar(store: Store) -> impl IntoView {
    let long = memo(move || {
        store.now.track();
        store.filming.get().map(|began| ((wall_ms() - began) / 1000.0).floor())
    });
    view! {
        <Show when=move || store.filming.get().is_some()>
            <div class="filming" role="group" aria-label=tr("Recording")>
                <span class="lamp" aria-hidden="true"></span>
                <span data-testid="filming">{tr("Recording")}" "{move || long.get().map(|s| format::clock(from_s(s)))}</span>
                <button class="button" data-testid="end-film" on:click=move |_| end(store)>
                    <Icon path="M6 6h12v12H6z" small=true/>{tr("Stop and save")}
                </button>
            </div>
        </Show>
    }
}
