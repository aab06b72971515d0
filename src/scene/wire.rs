//! Links as curves: which sides of the cards they join, where exactly, how wide, and where a moving packet is on them.

use super::{Tone, format};
use crate::component::Meaning;
use crate::editor::Item;
use crate::editor::place::Rect;
use crate::order;
use crate::scenario::Params;
use crate::texts::{fill, tr};

/// A point of the canvas.
pub type Point = [f64; 2];

/// Distance between links that join the same side of a card.
const PORT_GAP: f64 = 18.0;
/// How near a pointer counts as on a link, in pixels of the screen.
pub const GRAB: f64 = 20.0;

/// A cubic Bézier curve: start, two handles, end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Curve(pub [Point; 4]);

impl Curve {
    /// Where hands take hold of its ends: beside the handles of the cards, which lie above it.
    pub fn grips(&self) -> [Point; 2] {
        const BESIDE: f64 = 24.0;
        let [[ax, ay], .., [bx, by]] = self.0;
        let t = (BESIDE / libm::hypot(bx - ax, by - ay).max(1.0)).clamp(0.06, 0.3);
        [self.at(t), self.at(1.0 - t)]
    }

    /// The point at the share `t` of the way.
    pub fn at(&self, t: f64) -> Point {
        let [a, b, c, d] = self.0;
        let u = 1.0 - t;
        let (wa, wb, wc, wd) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
        [wa * a[0] + wb * b[0] + wc * c[0] + wd * d[0], wa * a[1] + wb * b[1] + wc * c[1] + wd * d[1]]
    }

    /// As an SVG path.
    pub fn path(&self) -> String {
        let [a, b, c, d] = self.0.map(|p| p.map(|v| (v * 10.0).round() / 10.0));
        format!("M{} {}C{} {} {} {} {} {}", a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1])
    }

    /// Distance from a point, near enough to tell what the pointer is on.
    pub fn distance(&self, p: Point) -> f64 {
        let squared = |t: f64| {
            let [x, y] = self.at(t);
            (x - p[0]) * (x - p[0]) + (y - p[1]) * (y - p[1])
        };
        (0..=32).map(|i| squared(f64::from(i) / 32.0)).min_by(f64::total_cmp).map_or(f64::MAX, libm::sqrt)
    }

    /// The arrow head at its end, as an SVG path.
    fn head(&self) -> String {
        let [_, _, c, d] = self.0;
        let (dx, dy) = (d[0] - c[0], d[1] - c[1]);
        let long = f64::sqrt(dx * dx + dy * dy).max(1e-9);
        let (ux, uy) = (dx / long, dy / long);
        let corner = |side: f64| {
            [d[0] - 8.0 * ux - side * 4.5 * uy, d[1] - 8.0 * uy + side * 4.5 * ux].map(|v| (v * 10.0).round() / 10.0)
        };
        let ([ax, ay], [bx, by]) = (corner(1.0), corner(-1.0));
        format!("M{ax} {ay}L{} {}L{bx} {by}", (d[0] * 10.0).round() / 10.0, (d[1] * 10.0).round() / 10.0)
    }
}

/// A side of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Upper.
    Top,
    /// Lower.
    Bottom,
}

impl Side {
    fn outward(self) -> Point {
        match self {
            Side::Left => [-1.0, 0.0],
            Side::Right => [1.0, 0.0],
            Side::Top => [0.0, -1.0],
            Side::Bottom => [0.0, 1.0],
        }
    }

    /// The middle of this side: where the handle to draw a link from is.
    pub fn middle(self, r: &Rect) -> Point {
        let [cx, cy] = r.centre();
        match self {
            Side::Left => [r.x, cy],
            Side::Right => [r.x + r.w, cy],
            Side::Top => [cx, r.y],
            Side::Bottom => [cx, r.y + r.h],
        }
    }
}

/// Which sides a link joins. Requests run across where there is room, look-ups and replication up and down.
fn sides(a: &Rect, b: &Rect, meaning: Option<Meaning>) -> (Side, Side) {
    let ([ax, ay], [bx, by]) = (a.centre(), b.centre());
    let across = (bx - ax).abs() - (a.w + b.w) / 2.0;
    let along = (by - ay).abs() - (a.h + b.h) / 2.0;
    let prefers_vertical = matches!(meaning, Some(Meaning::Names | Meaning::Replication));
    let vertical = if prefers_vertical { along >= 16.0 && along > across - 60.0 } else { across < 24.0 && along > 0.0 };
    if meaning == Some(Meaning::Record) && !vertical && across > 0.0 && along > 16.0 {
        // A record comes in from above or below, so that the requests' own way stays straight.
        let start = if bx >= ax { Side::Right } else { Side::Left };
        return (start, if by >= ay { Side::Top } else { Side::Bottom });
    }
    match (vertical, by >= ay, bx >= ax) {
        (true, true, _) => (Side::Bottom, Side::Top),
        (true, false, _) => (Side::Top, Side::Bottom),
        (false, _, true) => (Side::Right, Side::Left),
        (false, _, false) => (Side::Left, Side::Right),
    }
}

/// What is needed to lay a link: the two cards and what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub from: usize,
    pub to: usize,
    pub meaning: Option<Meaning>,
}

/// Lays all links at once, because those that join the same side of a card share it in the order of where they lead.
pub(super) fn lay(cards: &[Rect], links: &[Ends]) -> Vec<Curve> {
    // (card, side) → (where the other end is along the side, link, is it the start), to be sorted.
    let mut ports: Vec<((usize, Side), f64, usize, bool)> = Vec::with_capacity(links.len() * 2);
    for (i, link) in links.iter().enumerate() {
        let (a, b) = (&cards[link.from], &cards[link.to]);
        let (sa, sb) = sides(a, b, link.meaning);
        let along = |side: Side, r: &Rect| match side {
            Side::Left | Side::Right => r.centre()[1],
            Side::Top | Side::Bottom => r.centre()[0],
        };
        ports.push(((link.from, sa), along(sa, b), i, true));
        ports.push(((link.to, sb), along(sb, a), i, false));
    }
    order::sort_by(&mut ports, |p, q| p.0.cmp(&q.0).then(p.1.total_cmp(&q.1)).then(p.2.cmp(&q.2)));
    let mut ends = vec![([0.0; 2], [0.0; 2], Side::Right, Side::Left); links.len()];
    for group in ports.chunk_by(|p, q| p.0 == q.0) {
        let (card, side) = (&cards[group[0].0.0], group[0].0.1);
        let room = if matches!(side, Side::Left | Side::Right) { card.h } else { card.w } - 24.0;
        let gap = PORT_GAP.min(room / group.len() as f64);
        for (k, (_, _, link, start)) in group.iter().enumerate() {
            let offset = (k as f64 - (group.len() - 1) as f64 / 2.0) * gap;
            let mut at = side.middle(card);
            at[if matches!(side, Side::Left | Side::Right) { 1 } else { 0 }] += offset;
            let end = &mut ends[*link];
            if *start {
                (end.0, end.2) = (at, side);
            } else {
                (end.1, end.3) = (at, side);
            }
        }
    }
    ends.into_iter().map(|(a, b, sa, sb)| bend(a, sa, b, sb)).collect()
}

/// The curve from a port to a port: it leaves and arrives at right angles.
fn bend(a: Point, sa: Side, b: Point, sb: Side) -> Curve {
    let reach = |side: Side| {
        let distance = if matches!(side, Side::Left | Side::Right) { b[0] - a[0] } else { b[1] - a[1] };
        (distance.abs() / 2.0).clamp(24.0, 240.0)
    };
    let (ra, rb) = (reach(sa), reach(sb));
    let (oa, ob) = (sa.outward(), sb.outward());
    Curve([a, [a[0] + oa[0] * ra, a[1] + oa[1] * ra], [b[0] + ob[0] * rb, b[1] + ob[1] * rb], b])
}

/// The way between two cards that no drawn link joins: what moves there takes the shortest bend.
pub fn between(a: &Rect, b: &Rect) -> Curve {
    let (sa, sb) = sides(a, b, None);
    bend(sa.middle(a), sa, sb.middle(b), sb)
}

/// The curve of a link that is being drawn from a card to the pointer.
pub fn loose(card: &Rect, pointer: Point) -> Curve {
    let target = Rect { x: pointer[0], y: pointer[1], w: 0.0, h: 0.0 };
    let (side, other) = sides(card, &target, None);
    bend(side.middle(card), side, pointer, other)
}

/// A link to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wire {
    /// The node that asks.
    pub from: String,
    /// The node that answers.
    pub to: String,
    /// Where it runs.
    pub curve: Curve,
    /// The same as an SVG path.
    pub path: String,
    /// Its arrow head as an SVG path.
    pub head: String,
    /// Stroke width, from its rate.
    pub width: f64,
    /// `stroke-dasharray`; empty for a whole line.
    pub dash: &'static str,
    /// Bad: cut or failing. Warn: slow or some failures. Idle: nothing moves.
    pub tone: Tone,
    /// Look-ups and replication are drawn in the colour of control packets.
    pub control: bool,
    /// "Backend", "Replication", …
    pub meaning: &'static str,
    /// It carries nothing.
    pub cut: bool,
    /// What its label says, empty for none: "232 req/s", "cut".
    pub label: String,
    /// Its middle, for the label and the menu.
    pub middle: Point,
    /// Joins later, and is drawn dashed and pale.
    pub joins: Option<String>,
    /// Selected.
    pub selected: bool,
    /// One sentence for assistive technology.
    pub accessible: String,
}

impl Wire {
    /// The link as something to select.
    pub fn item(&self) -> Item {
        Item::Link(self.from.clone(), self.to.clone())
    }
}

/// What does not change while nobody edits.
#[derive(Clone, Debug)]
pub(super) struct Laid {
    pub from: String,
    pub to: String,
    pub names: (String, String),
    pub curve: Curve,
    pub meaning: Option<Meaning>,
    pub joins: Option<String>,
    pub params: Params,
    path: String,
    head: String,
}

impl Laid {
    pub fn new(ends: (String, String), names: (String, String), curve: Curve, meaning: Option<Meaning>) -> Laid {
        let (path, head) = (curve.path(), curve.head());
        Laid { from: ends.0, to: ends.1, names, curve, meaning, joins: None, params: Params::new(), path, head }
    }

    /// Runs along another curve from now on.
    pub fn bend(&mut self, curve: Curve) {
        if self.curve != curve {
            (self.path, self.head, self.curve) = (curve.path(), curve.head(), curve);
        }
    }

    /// The link as it is now.
    pub fn wire(&self, view: Option<&crate::metrics::frame::LinkView>, pending_cut: bool, selected: bool) -> Wire {
        let (rate, errors) = view.map_or((0.0, 0.0), |v| (v.rate, v.error_rate));
        let share = if rate > 0.0 { errors / rate } else { 0.0 };
        let slow = view.map_or(1.0, |v| v.slow).max(1.0);
        let cut = view.is_some_and(|v| v.cut) || pending_cut;
        let tone = match () {
            () if cut || share > 0.5 => Tone::Bad,
            () if share > 0.005 || slow > 1.0 => Tone::Warn,
            () if rate > 0.0 => Tone::Ok,
            () => Tone::Idle,
        };
        let control = matches!(self.meaning, Some(Meaning::Names | Meaning::Replication));
        let dash = match () {
            () if self.joins.is_some() => "2 6",
            () if cut => "2 8",
            () if share > 0.005 => "3 5",
            () if self.meaning == Some(Meaning::Record) => "1 5",
            () if control => "4 5",
            () => "",
        };
        let unit = match self.meaning {
            Some(Meaning::Replication) => tr("writes/s"),
            Some(Meaning::Consumption) => tr("messages/s"),
            _ => "req/s",
        };
        let moves = format!("{} {unit}", format::per_second(rate));
        let label = match () {
            () if cut => tr("cut").to_owned(),
            () if slow > 1.0 => fill("{rate} · slow ×{factor}", &[&moves, &format::number(slow)]),
            () if share > 0.005 => fill("{rate} · {share} fail", &[&moves, &format::percent(share)]),
            () if rate > 0.0 => moves,
            () => String::new(),
        };
        let meaning = self.meaning.map_or("Link", Meaning::label);
        let state = self.joins.as_deref().filter(|s| !s.is_empty()).unwrap_or(&label);
        let accessible = fill("{meaning} from {a} to {b}", &[&tr(meaning), &self.names.0, &self.names.1]);
        Wire {
            from: self.from.clone(),
            to: self.to.clone(),
            curve: self.curve,
            path: self.path.clone(),
            head: self.head.clone(),
            width: width(rate),
            dash,
            tone,
            control,
            cut,
            meaning,
            middle: self.curve.at(0.5),
            joins: self.joins.clone(),
            selected,
            accessible: if state.is_empty() { accessible } else { format!("{accessible}: {state}") },
            label,
        }
    }
}

/// Thicker with the logarithm of the rate: 1.4 px idle, about 3 px at 100 per second, at most 6.
fn width(rate: f64) -> f64 {
    (1.4 + 0.8 * libm::log10(1.0 + rate.max(0.0))).min(6.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_join_facing_sides() {
        let a = Rect::card([0.0, 0.0]);
        for (at, meaning, wanted) in [
            ([300.0, 0.0], Meaning::Call, (Side::Right, Side::Left)),
            ([-300.0, 40.0], Meaning::Call, (Side::Left, Side::Right)),
            ([10.0, 200.0], Meaning::Call, (Side::Bottom, Side::Top)),
            ([0.0, -200.0], Meaning::Names, (Side::Top, Side::Bottom)),
            ([100.0, 200.0], Meaning::Replication, (Side::Bottom, Side::Top)),
            ([300.0, 100.0], Meaning::Replication, (Side::Right, Side::Left)),
            ([300.0, 160.0], Meaning::Record, (Side::Right, Side::Top)),
            ([300.0, 0.0], Meaning::Record, (Side::Right, Side::Left)),
        ] {
            assert_eq!(sides(&a, &Rect::card(at), Some(meaning)), wanted, "{meaning:?} to a card at {at:?}");
        }
    }

    #[test]
    fn links_of_one_side_do_not_cross() {
        let cards = [Rect::card([0.0, 100.0]), Rect::card([400.0, 300.0]), Rect::card([400.0, 0.0])];
        let ends = [1, 2].map(|to| Ends { from: 0, to, meaning: Some(Meaning::Backend) });
        let curves = lay(&cards, &ends);
        assert!(
            curves[0].0[0][1] > curves[1].0[0][1],
            "the link to the lower card starts lower: {:?} and {:?}",
            curves[0].0[0],
            curves[1].0[0]
        );
        assert_eq!(curves[0].at(0.0), curves[0].0[0]);
        assert_eq!(curves[0].at(1.0), curves[0].0[3]);
        assert!(curves[0].distance(curves[0].at(0.4)) < 8.0);
    }

    #[test]
    fn width_grows_with_the_rate_and_is_bounded() {
        assert!(width(0.0) < width(10.0) && width(10.0) < width(1000.0));
        assert_eq!(width(1e30), 6.0);
        assert_eq!(width(-5.0), width(0.0));
    }
}
