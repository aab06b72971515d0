//! Takes the time of one work, natively. Prints `requests seconds mean_ms` or what each command says.
//!
//! Times are the processor's, where the system tells them: what else runs on the machine then counts little.

// The clock that the library must not know.
#![allow(clippy::disallowed_methods)]

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    native::main();
}

/// In wasm JavaScript calls the library.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
    use std::alloc::System;
    use std::time::Instant;
    use works::{Closed, Hold, Played, Rewind, bare, hashes, work};

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const USAGE: &str = "bench bare|engine A|B REQUESTS | closed USERS SECONDS | hashes FROM TO\n\
                         bench example SLUG SECONDS | flight REQUESTS\n\
                         bench queue engine|unlined|binary|four_ary|radix|calendar PENDING | rewind SEEKS";
    /// Steps of a queue that are timed.
    const STEPS: u64 = 2_000_000;

    /// A stopwatch of the processor time of this program, or of the clock where the system does not tell.
    struct Watch(Instant, Option<u64>);

    impl Watch {
        fn start() -> Watch {
            Watch(Instant::now(), Watch::spent())
        }

        fn seconds(&self) -> f64 {
            match (self.1, Watch::spent()) {
                (Some(from), Some(to)) => (to - from) as f64 / 1e9,
                _ => self.0.elapsed().as_secs_f64(),
            }
        }

        /// Nanoseconds on a processor (Linux, Documentation/scheduler/sched-stats.rst).
        fn spent() -> Option<u64> {
            std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
        }
    }

    /// Bytes that were taken since and are still held.
    fn held(region: &Region<System>) -> i64 {
        let change = region.change();
        change.bytes_allocated as i64 + change.bytes_reallocated as i64 - change.bytes_deallocated as i64
    }

    pub fn main() {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let number = |word: &str| word.parse::<u64>().expect(USAGE);
        match words[..] {
            [who @ ("bare" | "engine"), name, wanted] => {
                let watch = Watch::start();
                let done = if who == "bare" { bare(name, number(wanted)) } else { work(name, number(wanted)) };
                println!("{} {} {}", done.requests, watch.seconds(), done.mean_ms);
            }
            ["closed", users, seconds] => {
                let region = Region::new(ALLOCATOR);
                let mut closed = Closed::new(number(users) as u32);
                let bytes = held(&region);
                let (watch, region) = (Watch::start(), Region::new(ALLOCATOR));
                let events = closed.advance(number(seconds) as f64);
                let spent = watch.seconds();
                let made = region.change();
                // Events, seconds, events that wait, bytes held, allocations while it ran.
                println!("{events} {spent} {} {bytes} {}", closed.pending(), made.allocations + made.reallocations);
            }
            ["example", slug, seconds] => {
                let region = Region::new(ALLOCATOR);
                let mut played = Played::example(slug).expect("no example is called like that");
                let began = region.change();
                let watch = Watch::start();
                let events = played.advance(number(seconds) as f64);
                let (spent, made) = (watch.seconds(), region.change() - began);
                // Events, seconds, requests in flight, bytes held, allocations while it ran.
                let allocations = made.allocations + made.reallocations;
                println!("{events} {spent} {} {} {allocations}", played.in_flight(), held(&region));
            }
            ["flight", requests] => {
                let mut played = Played::flight(number(requests) as u32);
                let region = Region::new(ALLOCATOR);
                played.advance(1.0);
                println!("{} {}", played.in_flight(), held(&region));
            }
            ["queue", kind, pending] => {
                let mut hold = Hold::new(kind, number(pending)).expect(USAGE);
                // Once round, so that it is in the state that it stays in.
                hold.advance(2 * number(pending));
                let watch = Watch::start();
                hold.advance(STEPS);
                println!("{STEPS} {}", watch.seconds());
            }
            ["rewind", seeks] => {
                let mut run = Rewind::default();
                let times = (0..number(seeks)).map(|_| {
                    let at = run.anywhere();
                    let watch = Watch::start();
                    run.seek(at);
                    watch.seconds()
                });
                let times = times.collect::<Vec<f64>>();
                // The slowest, in seconds.
                let slowest = times.into_iter().fold(0.0, f64::max);
                let (copies, bytes) = run.checkpoints();
                println!("{slowest} {copies} {bytes}");
            }
            ["hashes", from, to] => {
                let (hashes, events) = hashes(number(from), number(to));
                hashes.iter().for_each(|hash| println!("{hash:016x}"));
                println!("{events}");
            }
            _ => panic!("{USAGE}"),
        }
    }
}
