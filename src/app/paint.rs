//! Paints the shapes of `scene::picture` onto a canvas of the browser: those that are written as SVG otherwise.

use loadstone::scene::picture::{Ink, MONO, Picture, SANS, Shape};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, Path2d};

/// The picture, from its lowest shape to its highest, in the canvas' present coordinates; without a background.
///
/// # Errors
/// Whatever the browser has against a path.
pub fn paint(context: &CanvasRenderingContext2d, picture: &Picture, dark: bool) -> Result<(), JsValue> {
    context.set_line_cap("round");
    context.set_line_join("round");
    for shape in &picture.shapes {
        one(context, shape, dark)?;
    }
    dash(context, "")
}

fn one(context: &CanvasRenderingContext2d, shape: &Shape, dark: bool) -> Result<(), JsValue> {
    match shape {
        Shape::Box { rect, radius, fill, edge, dashed } => {
            context.begin_path();
            context.round_rect_with_f64(rect.x, rect.y, rect.w, rect.h, *radius)?;
            if let Some(ink) = fill {
                context.set_fill_style_str(ink.colour(dark));
                context.fill();
            }
            if let Some(ink) = edge {
                line(context, *ink, 1.0, if *dashed { "5 4" } else { "" }, dark)?;
                context.stroke();
            }
        }
        Shape::Path { d, at: [x, y], fill, line: stroke, dash } => {
            let path = Path2d::new_with_path_string(d)?;
            context.translate(*x, *y)?;
            if let Some(ink) = fill {
                context.set_fill_style_str(ink.colour(dark));
                context.fill_with_path_2d(&path);
            }
            if let Some((ink, width)) = stroke {
                line(context, *ink, *width, dash, dark)?;
                context.stroke_with_path(&path);
            }
            context.translate(-x, -y)?;
        }
        Shape::Text { at: [x, y], words, size, ink, bold, mono } => {
            let weight = if *bold { "600" } else { "400" };
            context.set_font(&format!("{weight} {size}px {}", if *mono { MONO } else { SANS }));
            context.set_fill_style_str(ink.colour(dark));
            context.fill_text(words, *x, *y)?;
        }
    }
    Ok(())
}

fn line(context: &CanvasRenderingContext2d, ink: Ink, width: f64, dashes: &str, dark: bool) -> Result<(), JsValue> {
    context.set_stroke_style_str(ink.colour(dark));
    context.set_line_width(width);
    dash(context, dashes)
}

/// Sets the dashes, written as in SVG.
fn dash(context: &CanvasRenderingContext2d, dashes: &str) -> Result<(), JsValue> {
    let lengths = dashes.split([' ', ',']).filter_map(|d| d.parse::<f64>().ok()).map(JsValue::from_f64);
    context.set_line_dash(&lengths.collect::<js_sys::Array>())
}
