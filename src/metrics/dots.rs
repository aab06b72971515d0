//! Packets for the page to draw: every one, or where they are too many those of every n-th request, hop by hop.

use super::frame::{Class, Dot};
use crate::component::net::{Net, Op};
use crate::engine::{Packet, Record, Recorder};
use crate::time::Nanos;

/// At most so many dots are handed out at a time; the stride follows, so that this is never the rule.
const MOST: usize = 4_000;

/// Listens for packets.
#[derive(Clone, Default)]
pub struct Dots {
    /// Packets of requests whose number is a multiple of this are kept.
    stride: u64,
    /// Packets seen since the last taking, all of them.
    seen: u64,
    dots: Vec<Dot>,
    listening: bool,
}

impl Dots {
    /// One dot stands for so many requests.
    pub fn stride(&self) -> u64 {
        self.stride.max(1)
    }

    /// Packets that set out since the last taking.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Starts or stops listening: nobody looks while a run is caught up.
    pub fn listen(&mut self, listening: bool) {
        self.listening = listening;
        self.dots.clear();
        self.seen = 0;
    }

    /// Whether anything was collected since the last taking.
    pub fn has_any(&self) -> bool {
        !self.dots.is_empty()
    }

    /// Takes what was collected over so much simulated time. `lasting` is how much of it the page can show at once and
    /// `most` how many dots it wants to show; the stride follows from the two (1, 2, 5, 10, 20, …).
    pub fn take(&mut self, collected: Nanos, lasting: Nanos, most: usize) -> Vec<Dot> {
        let shown = self.seen as f64 * lasting.max(collected) as f64 / collected.max(1) as f64;
        let wanted = shown / most as f64;
        let fits = |stride: u64| wanted <= stride as f64;
        // Grows at once, shrinks only when the next smaller would do with room to spare: the picture stays calm.
        let least = strides().find(|&s| fits(s)).unwrap_or(1_000_000);
        let calm = strides().find(|&s| wanted * 1.5 <= s as f64).unwrap_or(1_000_000);
        if least > self.stride() || calm < self.stride() {
            self.stride = least;
        }
        self.seen = 0;
        std::mem::take(&mut self.dots)
    }
}

impl Dots {
    fn saw(&mut self, now: Nanos, net: &Net, packet: &Packet) {
        self.seen += 1;
        if self.dots.len() < MOST && packet.origin.ordinal.is_multiple_of(self.stride()) {
            self.dots.push(dot(now, net, packet));
        }
    }
}

/// 1, 2, 5, 10, 20, 50, … up to a million.
fn strides() -> impl Iterator<Item = u64> {
    (0..7).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u64.pow(power)))
}

impl Recorder for Dots {
    #[inline(always)]
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        if let Record::Packet(packet) = record
            && self.listening
        {
            self.saw(now, net, packet);
        }
    }
}

fn dot(now: Nanos, net: &Net, packet: &Packet) -> Dot {
    let link = &net.links[packet.link as usize];
    let (a, b) = packet.ends;
    let against = (b, a) == (link.from, link.to);
    let drawn = against || (a, b) == (link.from, link.to);
    let class = match packet.op {
        None => Class::Replication,
        Some(Op::Probe | Op::Name) => Class::Control,
        Some(_) if packet.greeting => Class::Control,
        Some(Op::Read) => Class::Read,
        Some(Op::Write | Op::Fill | Op::Purge) => Class::Write,
        Some(Op::Static) => Class::Static,
    };
    Dot {
        link: packet.link,
        off: (!drawn).then_some([a, b]),
        back: packet.back != against,
        class,
        failed: packet.failed,
        sent: now,
        arrives: packet.arrives,
        wanted: packet.wanted,
        request: (packet.origin.users, packet.origin.ordinal),
    }
}
