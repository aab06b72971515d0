//! The camera: which part of the canvas is on the screen, and the arithmetic of pan, zoom, fit and minimap.
//!
//! Screen coordinates are pixels from the canvas element's top left corner.

use crate::editor::place::Rect;

/// The smallest zoom.
pub const MIN_ZOOM: f64 = 0.1;
/// The largest zoom.
pub const MAX_ZOOM: f64 = 4.0;

/// What is in view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Canvas coordinate at the screen's left edge.
    pub x: f64,
    /// Canvas coordinate at the screen's upper edge.
    pub y: f64,
    /// Screen pixels per canvas pixel.
    pub zoom: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, zoom: 1.0 }
    }
}

fn bounded(zoom: f64) -> f64 {
    if zoom.is_finite() { zoom.clamp(MIN_ZOOM, MAX_ZOOM) } else { 1.0 }
}

impl Camera {
    /// A point of the canvas on the screen.
    pub fn to_screen(&self, p: [f64; 2]) -> [f64; 2] {
        [(p[0] - self.x) * self.zoom, (p[1] - self.y) * self.zoom]
    }

    /// A point of the screen on the canvas.
    pub fn to_world(&self, p: [f64; 2]) -> [f64; 2] {
        [p[0] / self.zoom + self.x, p[1] / self.zoom + self.y]
    }

    /// Moved so that what was under the pointer stays under it.
    pub fn panned(&self, by: [f64; 2]) -> Camera {
        Camera { x: self.x - by[0] / self.zoom, y: self.y - by[1] / self.zoom, ..*self }
    }

    /// Zoomed by a factor; what is at this point of the screen stays there.
    pub fn zoomed(&self, factor: f64, at: [f64; 2]) -> Camera {
        let zoom = bounded(self.zoom * factor);
        let [wx, wy] = self.to_world(at);
        Camera { x: wx - at[0] / zoom, y: wy - at[1] / zoom, zoom }
    }

    /// One step of the zoom keys in or out: to the next of a few round numbers.
    pub fn stepped(&self, inwards: bool, at: [f64; 2]) -> Camera {
        const STEPS: [f64; 11] = [0.1, 0.25, 0.33, 0.5, 0.67, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0];
        let to = if inwards {
            STEPS.into_iter().find(|s| *s > self.zoom * 1.01).unwrap_or(MAX_ZOOM)
        } else {
            STEPS.into_iter().rev().find(|s| *s < self.zoom * 0.99).unwrap_or(MIN_ZOOM)
        };
        self.zoomed(to / self.zoom, at)
    }

    /// The camera that shows all of `area` in a screen of this size, centred, never larger than 100 %.
    pub fn fitting(area: Option<Rect>, screen: [f64; 2], margin: f64) -> Camera {
        let Some(area) = area else {
            return Camera { x: -screen[0] / 2.0, y: -screen[1] / 2.0, zoom: 1.0 };
        };
        let room = [(screen[0] - 2.0 * margin).max(1.0), (screen[1] - 2.0 * margin).max(1.0)];
        let zoom = bounded((room[0] / area.w.max(1.0)).min(room[1] / area.h.max(1.0)).min(1.0));
        let [cx, cy] = area.centre();
        Camera { x: cx - screen[0] / 2.0 / zoom, y: cy - screen[1] / 2.0 / zoom, zoom }
    }

    /// Moved as little as needed so that `area` is in view, as when a key selects a node outside of it.
    pub fn revealing(&self, area: Rect, screen: [f64; 2], margin: f64) -> Camera {
        let view = self.view(screen);
        let m = margin / self.zoom;
        let move_by = |lo: f64, hi: f64, view_lo: f64, view_hi: f64| {
            if hi - lo + 2.0 * m > view_hi - view_lo {
                (lo + hi - view_lo - view_hi) / 2.0
            } else {
                (lo - m - view_lo).min(0.0) + (hi + m - view_hi).max(0.0)
            }
        };
        Camera {
            x: self.x + move_by(area.x, area.x + area.w, view.x, view.x + view.w),
            y: self.y + move_by(area.y, area.y + area.h, view.y, view.y + view.h),
            ..*self
        }
    }

    /// The part of the canvas that a screen of this size shows.
    pub fn view(&self, screen: [f64; 2]) -> Rect {
        Rect { x: self.x, y: self.y, w: screen[0] / self.zoom, h: screen[1] / self.zoom }
    }

    /// The middle of it.
    pub fn middle(&self, screen: [f64; 2]) -> [f64; 2] {
        self.view(screen).centre()
    }

    /// As the percentage that the page shows.
    pub fn percent(&self) -> String {
        format!("{} %", (self.zoom * 100.0).round())
    }
}

/// The minimap, in its own pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minimap {
    /// The cards.
    pub cards: Vec<Rect>,
    /// What the screen shows.
    pub view: Rect,
    /// Canvas pixels per minimap pixel.
    pub scale: f64,
    /// Canvas coordinate of the minimap's top left corner.
    pub origin: [f64; 2],
}

impl Minimap {
    /// The minimap of these cards in a box of this size.
    pub fn new(cards: &[Rect], camera: &Camera, screen: [f64; 2], size: [f64; 2]) -> Minimap {
        let view = camera.view(screen);
        let area = Rect::around(cards.iter().copied().chain([view])).unwrap_or(view).grown(20.0);
        let scale = (area.w / size[0].max(1.0)).max(area.h / size[1].max(1.0)).max(1e-6);
        let [cx, cy] = area.centre();
        let origin = [cx - size[0] / 2.0 * scale, cy - size[1] / 2.0 * scale];
        let put = |r: &Rect| Rect {
            x: (r.x - origin[0]) / scale,
            y: (r.y - origin[1]) / scale,
            w: r.w / scale,
            h: r.h / scale,
        };
        Minimap { cards: cards.iter().map(put).collect(), view: put(&view), scale, origin }
    }

    /// The point of the canvas at this point of the minimap.
    pub fn to_world(&self, p: [f64; 2]) -> [f64; 2] {
        [self.origin[0] + p[0] * self.scale, self.origin[1] + p[1] * self.scale]
    }

    /// The camera that has this point of the minimap in its middle.
    pub fn centred(&self, camera: &Camera, p: [f64; 2], screen: [f64; 2]) -> Camera {
        let [x, y] = self.to_world(p);
        Camera { x: x - screen[0] / 2.0 / camera.zoom, y: y - screen[1] / 2.0 / camera.zoom, ..*camera }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [f64; 2], b: [f64; 2]) {
        assert!((a[0] - b[0]).abs() < 1e-9 && (a[1] - b[1]).abs() < 1e-9, "{a:?} is not {b:?}");
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let camera = Camera { x: 30.0, y: -70.0, zoom: 0.8 };
        let pointer = [210.0, 95.0];
        let under = camera.to_world(pointer);
        for factor in [0.01, 0.5, 1.1, 3.0, 1e6, f64::NAN] {
            let zoomed = camera.zoomed(factor, pointer);
            near(zoomed.to_world(pointer), under);
            assert!((MIN_ZOOM..=MAX_ZOOM).contains(&zoomed.zoom), "factor {factor} gave zoom {}", zoomed.zoom);
        }
        near(camera.panned([16.0, 8.0]).to_world([pointer[0] + 16.0, pointer[1] + 8.0]), under);
    }

    #[test]
    fn fitting_shows_everything_centred() {
        let area = Rect { x: -500.0, y: 100.0, w: 3000.0, h: 400.0 };
        let camera = Camera::fitting(Some(area), [1000.0, 600.0], 40.0);
        let view = camera.view([1000.0, 600.0]);
        assert!(view.x <= area.x && view.x + view.w >= area.x + area.w, "{view:?} does not hold {area:?}");
        near(view.centre(), area.centre());
        let small = Camera::fitting(Some(Rect { x: 0.0, y: 0.0, w: 10.0, h: 10.0 }), [1000.0, 600.0], 40.0);
        assert_eq!(small.zoom, 1.0, "a small design is not blown up");
    }

    #[test]
    fn revealing_moves_only_as_far_as_needed() {
        let camera = Camera::default();
        let screen = [400.0, 300.0];
        let inside = Rect { x: 100.0, y: 100.0, w: 50.0, h: 50.0 };
        assert_eq!(camera.revealing(inside, screen, 10.0), camera);
        let right = Rect { x: 500.0, y: 100.0, w: 50.0, h: 50.0 };
        assert_eq!(camera.revealing(right, screen, 10.0).x, 160.0);
    }

    #[test]
    fn the_minimap_leads_back_to_the_canvas() {
        let cards = [Rect::card([0.0, 0.0]), Rect::card([900.0, 500.0])];
        let camera = Camera::default();
        let map = Minimap::new(&cards, &camera, [800.0, 600.0], [124.0, 74.0]);
        near(map.to_world([map.cards[1].x, map.cards[1].y]), [900.0, 500.0]);
        assert!(map.cards.iter().all(|r| r.x >= 0.0 && r.x + r.w <= 124.0), "{:?} leave the box", map.cards);
    }
}
