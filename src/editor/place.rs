//! Where cards stand: their size, the grid, alignment with neighbours, and free places for new ones.
//!
//! Pure geometry in the canvas' pixels at 100 %; knows nothing of documents.

/// Width of a card.
pub const CARD_W: f64 = 164.0;
/// Height of a card.
pub const CARD_H: f64 = 84.0;
/// Distance between the points of the grid.
pub const GRID: f64 = 20.0;
/// Space that stays free around a card that the editor places itself; the queue's dots hang below a card.
pub const GAP: f64 = 36.0;
/// At this distance on the screen, a dragged edge jumps to a neighbour's.
const SNAP_PX: f64 = 8.0;
/// Farther out nothing is drawn: a stray number in a file must not make the canvas endless.
pub const FAR: f64 = 1e6;

/// An upright rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// The card whose top left corner is here.
    pub fn card(at: [f64; 2]) -> Rect {
        Rect { x: at[0], y: at[1], w: CARD_W, h: CARD_H }
    }

    /// The rectangle with these opposite corners.
    pub fn corners(a: [f64; 2], b: [f64; 2]) -> Rect {
        let (x, y) = (a[0].min(b[0]), a[1].min(b[1]));
        Rect { x, y, w: a[0].max(b[0]) - x, h: a[1].max(b[1]) - y }
    }

    /// Its middle.
    pub fn centre(&self) -> [f64; 2] {
        [self.x + self.w / 2.0, self.y + self.h / 2.0]
    }

    /// Whether the two share a point.
    pub fn touches(&self, other: &Rect) -> bool {
        self.x <= other.x + other.w
            && other.x <= self.x + self.w
            && self.y <= other.y + other.h
            && other.y <= self.y + self.h
    }

    /// Whether the point lies in it.
    pub fn contains(&self, p: [f64; 2]) -> bool {
        (self.x..=self.x + self.w).contains(&p[0]) && (self.y..=self.y + self.h).contains(&p[1])
    }

    /// Larger by `by` on every side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2.0 * by, h: self.h + 2.0 * by }
    }

    /// The smallest that holds all of these.
    pub fn around(rects: impl IntoIterator<Item = Rect>) -> Option<Rect> {
        rects.into_iter().reduce(|a, b| {
            let (x, y) = (a.x.min(b.x), a.y.min(b.y));
            Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
        })
    }
}

/// The nearest point of the grid; what is no number becomes 0, what is too far out is brought back.
pub fn to_grid(at: [f64; 2]) -> [f64; 2] {
    at.map(|v| (bounded(v) / GRID).round() * GRID)
}

/// A coordinate as it may stand in a document.
pub fn bounded(v: f64) -> f64 {
    if v.is_finite() { v.clamp(-FAR, FAR) } else { 0.0 }
}

/// A line that shows with what a dragged card is aligned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    /// One end.
    pub from: [f64; 2],
    /// The other end.
    pub to: [f64; 2],
}

/// Where a dragged group lands, and the guides to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapped {
    /// The displacement to use instead of the pointer's.
    pub by: [f64; 2],
    /// At most one vertical and one horizontal guide.
    pub guides: Vec<Guide>,
}

/// Snaps a displacement: the moving rectangle's edges and middle jump to those of a neighbour within 8 px on the
/// screen; where no neighbour is near, the top left corner goes to the grid.
pub fn snap(moving: Rect, by: [f64; 2], others: &[Rect], zoom: f64) -> Snapped {
    let reach = SNAP_PX / zoom.max(0.01);
    let wanted = Rect { x: moving.x + by[0], y: moving.y + by[1], ..moving };
    let mut result = Snapped { by, guides: Vec::new() };
    let lines = |r: &Rect, axis: usize| {
        if axis == 0 { [r.x, r.x + r.w / 2.0, r.x + r.w] } else { [r.y, r.y + r.h / 2.0, r.y + r.h] }
    };
    for axis in 0..2 {
        let mut best: Option<(f64, f64, usize)> = None;
        for (i, other) in others.iter().enumerate() {
            for (from, to) in lines(&wanted, axis).into_iter().zip(lines(other, axis)) {
                let shift = to - from;
                if shift.abs() <= reach && best.is_none_or(|(b, ..)| shift.abs() < b.abs()) {
                    best = Some((shift, to, i));
                }
            }
        }
        match best {
            Some((shift, line, i)) => {
                result.by[axis] += shift;
                result.guides.push(guide(axis, line, &wanted, &others[i]));
            }
            None => {
                let corner = if axis == 0 { wanted.x } else { wanted.y };
                result.by[axis] += (corner / GRID).round() * GRID - corner;
            }
        }
    }
    result
}

/// The line at `line` across `axis`, long enough to touch both rectangles.
fn guide(axis: usize, line: f64, a: &Rect, b: &Rect) -> Guide {
    if axis == 0 {
        Guide { from: [line, a.y.min(b.y)], to: [line, (a.y + a.h).max(b.y + b.h)] }
    } else {
        Guide { from: [a.x.min(b.x), line], to: [(a.x + a.w).max(b.x + b.w), line] }
    }
}

/// A place on the grid near `wanted` (a top left corner) where a card overlaps none of the others: `wanted` itself if
/// it is free, otherwise the nearest in rings around it.
pub fn free_place(wanted: [f64; 2], others: &[Rect]) -> [f64; 2] {
    let start = to_grid(wanted);
    let is_free = |at: [f64; 2]| {
        let card = Rect::card(at);
        !others.iter().any(|o| o.grown(GAP - 1.0).touches(&card))
    };
    if is_free(start) {
        return start;
    }
    // Each card can block only so much of a ring, so some ring of this many has a gap.
    for ring in 1..=(others.len() as i64 * 3 + 12) {
        let mut best: Option<(f64, [f64; 2])> = None;
        for (dx, dy) in ring_points(ring) {
            let at = [start[0] + dx * GRID * 2.0, start[1] + dy * GRID * 2.0];
            // Straight below or beside reads better than a diagonal at the same distance.
            let far = dx * dx + dy * dy + if dy < 0.0 || dx < 0.0 { 0.5 } else { 0.0 };
            if best.is_none_or(|(b, _)| far < b) && is_free(at) {
                best = Some((far, at));
            }
        }
        if let Some((_, at)) = best {
            return at;
        }
    }
    start
}

/// The integer points on the square of this radius.
fn ring_points(r: i64) -> impl Iterator<Item = (f64, f64)> {
    (-r..=r)
        .flat_map(move |x| (-r..=r).map(move |y| (x, y)))
        .filter(move |(x, y)| x.abs() == r || y.abs() == r)
        .map(|(x, y)| (x as f64, y as f64))
}
