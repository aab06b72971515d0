//! Cores against schedules worked out by hand.

use super::*;
use crate::component::event::Event;
use crate::component::net::NodeIx;
use crate::time::NEVER;
use std::collections::BTreeMap;

/// A machine whose alarms ring, and what became of its jobs.
#[derive(Default)]
struct Bench {
    machine: Machine,
    fx: Effects,
    busy: BTreeMap<NodeIx, i32>,
    /// Time, process, job, wait.
    done: Vec<(Nanos, u32, u32, Nanos)>,
    killed: Vec<NodeIx>,
}

impl Bench {
    fn new(cores: u64, sharing: bool, processes: u32) -> Bench {
        let mut bench = Bench::default();
        bench.fx.lives = (0..processes).collect();
        for node in 0..processes {
            assert_eq!(bench.machine.process(node, node as u8, 0), node);
        }
        bench.act(|m, fx| m.resize(0, fx, cores));
        bench.act(|m, fx| m.set_sharing(0, fx, sharing));
        bench
    }

    fn act<T>(&mut self, f: impl FnOnce(&mut Machine, &mut Effects) -> T) -> T {
        let result = f(&mut self.machine, &mut self.fx);
        for effect in std::mem::take(&mut self.fx.list) {
            match effect {
                Effect::Busy(node, delta) => *self.busy.entry(node).or_default() += delta,
                Effect::Restart(node, _) => self.killed.push(node),
                other => panic!("a machine has no business with {other:?}"),
            }
        }
        result
    }

    /// Lets alarms ring up to this time.
    fn until(&mut self, end: Nanos) {
        while let Some((at, slot, words)) = self.fx.agenda.pop(end) {
            let event = Event::from_words(words);
            let Event::Wake { life, what, index } = event else { panic!("a machine only sets alarms, not {event:?}") };
            assert_eq!(life, u32::from(what), "each process has its own alarms");
            self.fx.put_timer(slot);
            let (process, core) = (life, index & ((1 << CORE_BITS) - 1));
            if let Some((job, waited)) = self.act(|m, fx| m.done(at, fx, process, core)) {
                self.done.push((at, process, job, waited));
            }
        }
    }

    fn submit(&mut self, now: Nanos, process: u32, job: u32, work: Nanos) {
        self.until(now);
        self.act(|m, fx| m.submit(now, fx, process, job, work));
    }

    fn ends(&self) -> Vec<(Nanos, u32)> {
        self.done.iter().map(|&(at, _, job, _)| (at, job)).collect()
    }
}

#[test]
fn shared_cores_give_each_job_its_part() {
    let mut bench = Bench::new(1, true, 1);
    // Alone until 4, two until job 1 has had 6 at 4 + 4: then job 0 has 12 - 4 - 2 left.
    bench.submit(0, 0, 0, 12);
    bench.submit(4, 0, 1, 2);
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(8, 1), (14, 0)], "two share one core from 4 to 8");
    let mut bench = Bench::new(2, true, 1);
    for job in 0..4 {
        bench.submit(0, 0, job, 10);
    }
    assert_eq!(bench.busy[&0], 2, "four jobs keep two cores busy");
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(20, 0), (20, 1), (20, 2), (20, 3)], "half a core each, and the order of arrival");
    assert_eq!(bench.busy[&0], 0);
}

#[test]
fn three_jobs_on_one_core_end_on_the_nanosecond() {
    let mut bench = Bench::new(1, true, 1);
    for (job, work) in [(0, 1_000_000_007), (1, 1_000_000_007), (2, 1_000_000_007)] {
        bench.submit(0, 0, job, work);
    }
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(3_000_000_021, 0), (3_000_000_021, 1), (3_000_000_021, 2)]);
}

#[test]
fn speed_and_size_count_at_once_for_what_is_left() {
    for sharing in [false, true] {
        let mut bench = Bench::new(1, sharing, 1);
        bench.submit(0, 0, 7, 100);
        bench.act(|m, fx| m.set_slow(40, fx, 0, 2.0));
        bench.until(60);
        bench.act(|m, fx| m.set_slow(60, fx, 0, 0.0));
        bench.until(1000);
        assert_eq!(bench.ends(), [], "it stands still, sharing: {sharing}");
        bench.act(|m, fx| m.set_slow(1000, fx, 0, 1.0));
        bench.until(NEVER);
        assert_eq!(bench.ends(), [(1050, 7)], "40 at full speed, 20 at half, 50 left, sharing: {sharing}");
    }
    let mut bench = Bench::new(1, true, 1);
    bench.submit(0, 0, 0, 10);
    bench.submit(0, 0, 1, 10);
    bench.act(|m, fx| m.resize(10, fx, 2));
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(15, 0), (15, 1)], "half of it on one core, the rest on one each");
}

/// The alarms of cores are not taken back.
#[test]
fn an_old_alarm_ends_no_job() {
    let mut bench = Bench::new(1, false, 2);
    bench.submit(0, 0, 10, 100);
    bench.act(|m, fx| m.set_slow(40, fx, 0, 2.0));
    bench.until(150);
    assert_eq!(bench.ends(), [], "it would have been done at 100");
    bench.act(|m, fx| m.clear(150, fx, 0));
    bench.submit(150, 1, 20, 100);
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(250, 20)], "the core was to be done with another job at 160");
    // Nor that of another process, at the very time when its own alarm rings.
    let mut bench = Bench::new(1, false, 2);
    bench.act(|m, fx| m.set_slow(0, fx, 0, 2.0));
    bench.submit(0, 0, 10, 100);
    bench.submit(0, 1, 20, 50);
    bench.until(100);
    bench.act(|m, fx| m.set_slow(100, fx, 0, 1.0));
    bench.until(NEVER);
    assert_eq!(bench.done, [(150, 0, 10, 0), (200, 1, 20, 150)], "the first was to be done at 200");
}

#[test]
fn alarms_of_jobs_that_never_end_do_not_heap_up() {
    let mut bench = Bench::new(2, false, 1);
    for now in 0..100 {
        bench.submit(now, 0, 1, 1000 * FAR);
        bench.act(|m, fx| m.clear(now, fx, 0));
    }
    assert!(bench.fx.agenda.is_empty(), "{} alarms of jobs that are gone", bench.fx.agenda.len());
}

#[test]
fn a_machine_serves_its_processes_in_the_order_of_arrival() {
    let mut bench = Bench::new(1, false, 2);
    bench.submit(0, 0, 10, 5);
    bench.submit(1, 1, 20, 5);
    bench.submit(2, 0, 11, 5);
    bench.until(NEVER);
    assert_eq!(bench.done, [(5, 0, 10, 0), (10, 1, 20, 4), (15, 0, 11, 8)]);
    // One process stands still: the other does not wait behind it.
    let mut bench = Bench::new(1, false, 2);
    bench.act(|m, fx| m.set_slow(0, fx, 0, 0.0));
    bench.submit(0, 0, 10, 5);
    bench.submit(1, 1, 20, 5);
    bench.until(NEVER);
    assert_eq!(bench.done, [(6, 1, 20, 0)]);
}

#[test]
fn a_process_that_dies_leaves_its_cores_to_the_others() {
    for sharing in [false, true] {
        let mut bench = Bench::new(1, sharing, 2);
        bench.submit(0, 0, 10, 100);
        bench.submit(0, 1, 20, 10);
        bench.until(10);
        bench.act(|m, fx| m.clear(10, fx, 0));
        bench.until(NEVER);
        let end = if sharing { 15 } else { 20 };
        assert_eq!(bench.ends(), [(end, 20)], "sharing: {sharing}");
        assert!(bench.busy.values().all(|&n| n == 0), "nobody computes: {:?}, sharing: {sharing}", bench.busy);
    }
}

#[test]
fn cores_are_counted_to_processes_in_proportion() {
    let mut bench = Bench::new(1, true, 2);
    let (mut now, mut last) = (0, [0; 2]);
    let mut area = [0i64; 2];
    for job in 0..3000 {
        bench.submit(now, 0, job, 10);
        bench.submit(now, 1, job, 10);
        for at in now..now + 25 {
            for (node, area) in area.iter_mut().enumerate() {
                *area += i64::from(last[node]);
            }
            bench.until(at);
            last = [0, 1].map(|node| bench.busy.get(&node).copied().unwrap_or(0));
        }
        now += 25;
    }
    assert_eq!(area[0] + area[1], 60_000, "every job keeps the core busy for as long as its work");
    assert!((area[0] - 30_000).abs() < 1000, "half and half: {area:?}");
}

#[test]
fn changing_the_discipline_loses_nothing() {
    let mut bench = Bench::new(1, false, 1);
    bench.submit(0, 0, 0, 10);
    bench.submit(0, 0, 1, 10);
    bench.until(4);
    bench.act(|m, fx| m.set_sharing(4, fx, true));
    bench.until(10);
    bench.act(|m, fx| m.set_sharing(10, fx, false));
    bench.until(NEVER);
    assert_eq!(bench.ends(), [(13, 0), (20, 1)], "4 in order, 6 shared, the rest in order");
    assert_eq!(bench.busy[&0], 0);
}

#[test]
fn the_largest_process_dies_when_memory_runs_out() {
    let mut bench = Bench::new(1, false, 3);
    bench.act(|m, fx| m.set_memory(fx, 100));
    for (process, bytes) in [(0, 30), (1, 60), (2, 10)] {
        bench.act(|m, fx| m.occupy(fx, process, bytes));
    }
    assert!(bench.killed.is_empty(), "it is full, not too full");
    bench.act(|m, fx| m.occupy(fx, 0, 31));
    bench.act(|m, fx| m.occupy(fx, 0, 32));
    assert_eq!(bench.killed, [1], "the largest, once");
    bench.act(|m, fx| m.clear(0, fx, 1));
    bench.act(|m, fx| m.occupy(fx, 2, 100));
    assert_eq!(bench.killed, [1, 2], "room again, and then not");
}

/// While a process stands still its jobs wait, though cores are free, and those of the others do not; then they go on in
/// the order in which they came. A factor below 0, which `check` refuses, stands still too.
#[test]
fn who_stands_still_waits_beside_free_cores() {
    for still in [0.0, -1.0] {
        let mut bench = Bench::new(2, false, 2);
        bench.act(|m, fx| m.set_slow(0, fx, 0, still));
        for job in 0..3 {
            bench.submit(0, 0, job, 10);
        }
        bench.submit(0, 1, 3, 10);
        bench.until(20);
        assert_eq!(bench.ends(), [(10, 3)], "only the other process gets a core (factor {still})");
        bench.act(|m, fx| m.resize(20, fx, 1));
        bench.submit(20, 1, 4, 10);
        bench.submit(20, 1, 5, 10);
        bench.until(25);
        bench.act(|m, fx| m.set_slow(25, fx, 0, 1.0));
        bench.act(|m, fx| m.resize(25, fx, 2));
        bench.until(NEVER);
        let order = [(30, 4), (35, 0), (40, 1), (45, 2), (50, 5)];
        assert_eq!(bench.ends()[1..], order, "all in the order in which they came (factor {still})");
    }
}
