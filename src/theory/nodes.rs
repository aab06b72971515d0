//! Which formula fits a node, and what it predicts.

use super::caches::{Popularity, ttl_hit_share};
use super::flow::{Design, Stream, instances};
use super::queues::{Closed, Ekm1, Mmc, Mmck, mg1_wait, processor_sharing};
use super::{Prediction, Times};
use crate::component::{Kind, Meaning, Values};
use crate::dist::Dist;

/// Below this a loss is as good as none.
const NEGLIGIBLE: f64 = 1e-6;
/// With more room than this no run gets to where an overloaded queue is full.
const MOST_ROOM: u64 = 100_000;

/// What a node's cores do: service times in ms, rates per ms.
#[derive(Clone, Debug)]
pub struct Station {
    service: Service,
    lambda: f64,
    model: Model,
}

#[derive(Clone, Copy, Debug)]
enum Model {
    /// Exponential service, as good as endless room.
    Mmc(Mmc),
    /// Exponential service, what does not fit is turned away.
    Mmck(Mmck),
    /// One core, any service, by its mean wait.
    Mg1(f64),
    /// Cores shared among all, by the mean response.
    Sharing(f64),
    /// One core behind round robin.
    Ekm1(Ekm1, u64),
    /// Users who wait.
    Closed(Closed, u64, f64),
}

/// How a node serves.
#[derive(Clone, Debug)]
struct Service {
    exponential: bool,
    mean: f64,
    cv: f64,
    /// Why it is not exponential, if it is not.
    shape: &'static str,
    cores: u64,
    /// Workers, and places in front of them.
    room: (u64, u64),
    sharing: bool,
}

impl Station {
    /// Finds the formula.
    pub fn of(design: &mut Design, i: usize) -> Result<Station, String> {
        let service = service(design, i)?;
        let stream = design.arrivals(i)?;
        let lambda = design.measured(i).0 / 1000.0;
        if lambda <= 0.0 {
            return Err("nothing arrived".into());
        }
        let calls = design.out(i, &[Meaning::Call]);
        if !calls.is_empty() {
            let held = design.measured(i).1;
            if held + 6.0 * f64::sqrt(held) > service.room.0 as f64 {
                return Err("its workers may all be taken while they wait for calls".into());
            }
        }
        let model = service.model(stream, lambda, calls.is_empty())?;
        Ok(Station { service, lambda, model })
    }

    /// Whether a Poisson stream leaves as one: Burke's theorem, and the insensitivity of processor sharing.
    pub fn lets_poisson_pass(&self) -> bool {
        matches!(self.model, Model::Mmc(_) | Model::Sharing(_))
    }

    /// What the formula is called.
    pub fn name(&self) -> String {
        let c = self.service.cores;
        match self.model {
            Model::Mmc(_) => format!("M/M/{c}"),
            Model::Mmck(_) => format!("M/M/{c}/{}", self.service.room.0 + self.service.room.1),
            Model::Mg1(_) if self.service.cv == 0.0 => "M/D/1".into(),
            Model::Mg1(_) => "M/G/1".into(),
            Model::Sharing(_) => format!("M/G/{c} with processor sharing"),
            Model::Ekm1(_, k) => format!("E{k}/M/1"),
            Model::Closed(_, n, _) => format!("M/M/{c}//{n}"),
        }
    }

    fn source(&self) -> &'static str {
        match self.model {
            Model::Mmc(_) if self.service.cores == 1 => "Kleinrock, Queueing Systems I, 3.2",
            Model::Mmc(_) => "Erlang C; Kleinrock, Queueing Systems I, 3.5",
            Model::Mmck(_) => "Gross et al., Fundamentals of Queueing Theory, 2.5",
            Model::Mg1(_) => "Pollaczek and Khinchine; Kleinrock, Queueing Systems I, 5.6",
            Model::Sharing(_) => "Cohen 1979, insensitivity of processor sharing",
            Model::Ekm1(..) => "Kleinrock, Queueing Systems I, 6.4 (G/M/1)",
            Model::Closed(..) => "Machine repair; Gross et al., Fundamentals of Queueing Theory, 2.7",
        }
    }

    /// Waiting and staying at the cores alone.
    fn times(&self) -> (Times, Times) {
        let mean = self.service.mean;
        match &self.model {
            Model::Mmc(q) => (
                Times::of(q.wait_mean(), |p| q.wait_quantile(p)),
                Times::of(q.response_mean(), |p| q.response_quantile(p)),
            ),
            Model::Mmck(q) => (Times::mean(q.wait_mean()), Times::mean(q.response_mean())),
            Model::Mg1(wait) => (Times::mean(*wait), Times::mean(wait + mean)),
            Model::Sharing(response) => (Times::default(), Times::mean(*response)),
            Model::Ekm1(q, _) => (
                Times::of(q.wait_mean(), |p| q.wait_quantile(p)),
                Times::of(q.response_mean(), |p| q.response_quantile(p)),
            ),
            Model::Closed(q, ..) => (Times::mean(q.response_mean - mean), Times::mean(q.response_mean)),
        }
    }

    fn prediction(&self) -> Prediction {
        let (wait_ms, sojourn_ms) = self.times();
        let mut inputs = vec![("service_ms", self.service.mean), ("cores", self.service.cores as f64)];
        let (utilization, failed_share) = match &self.model {
            Model::Mmck(q) => (q.utilization, Some(q.loss)),
            Model::Closed(q, users, think) => {
                inputs.extend([("users", *users as f64), ("think_ms", *think)]);
                (q.utilization, None)
            }
            _ => (self.lambda * self.service.mean / self.service.cores as f64, None),
        };
        match self.model {
            Model::Closed(..) => {}
            Model::Mg1(_) => {
                inputs.extend([("arrival_rate_rps", self.lambda * 1000.0), ("service_cv", self.service.cv)])
            }
            _ => inputs.push(("arrival_rate_rps", self.lambda * 1000.0)),
        }
        Prediction {
            model: self.name(),
            source: self.source(),
            inputs,
            utilization: Some(utilization),
            wait_ms,
            sojourn_ms,
            failed_share,
            ..Prediction::default()
        }
    }

    /// Requests per ms that stay, for Little's law.
    fn admitted(&self) -> f64 {
        match &self.model {
            Model::Mmck(q) => self.lambda * (1.0 - q.loss),
            Model::Closed(q, ..) => q.throughput,
            _ => self.lambda,
        }
    }
}

impl Service {
    fn model(&self, stream: Stream, lambda: f64, alone: bool) -> Result<Model, String> {
        let (cores, mean) = (self.cores, self.mean);
        let load = lambda * mean / cores as f64;
        let overloaded = || format!("its load is {load:.2}: at 1 and above the queue grows for ever");
        let cores_and = |what: &str| format!("{what} and there are {cores} cores");
        let room = self.room.0 + self.room.1;
        match stream {
            Stream::Closed(users, think) if self.exponential && alone && !self.sharing && room >= users => {
                Ok(Model::Closed(Closed::new(users, think, mean, cores), users, think))
            }
            Stream::Closed(..) => Err("users wait for an answer before they ask again".into()),
            Stream::EveryKth(k) if self.exponential && cores == 1 && !self.sharing => {
                Ekm1::new(lambda, 1.0 / mean, k).map(|q| Model::Ekm1(q, k)).ok_or_else(overloaded)
            }
            Stream::EveryKth(_) => Err("its arrivals are not Poisson: they come through round robin".into()),
            Stream::Poisson if self.sharing => {
                processor_sharing(lambda, mean, cores).map(Model::Sharing).ok_or_else(overloaded)
            }
            Stream::Poisson if self.exponential => {
                let open = Mmc::new(lambda, 1.0 / mean, cores).filter(|q| q.at_least(room) < NEGLIGIBLE);
                match open {
                    Some(q) => Ok(Model::Mmc(q)),
                    None if load >= 1.0 && (!alone || room > MOST_ROOM) => Err(overloaded()),
                    None if !alone => Err("its workers and backlog fill up while it waits for calls".into()),
                    None => Ok(Model::Mmck(Mmck::new(lambda, 1.0 / mean, cores, room))),
                }
            }
            Stream::Poisson if cores > 1 => Err(cores_and(self.shape)),
            Stream::Poisson if !self.cv.is_finite() => Err("its service times have no variance that is finite".into()),
            Stream::Poisson => mg1_wait(lambda, mean, self.cv).map(Model::Mg1).ok_or_else(overloaded),
        }
    }
}

/// How the node serves, if one distribution says it.
fn service(design: &Design, i: usize) -> Result<Service, String> {
    let p = design.params(i).ok_or("its kind is not known")?;
    let shared = |name: &str| p.has(name) && !p.value(name).is_null() && !p.text(name).is_empty();
    if shared("host") || design.scenario.nodes.iter().any(|n| n.params.get("host").is_some_and(|h| h == design.id(i))) {
        return Err("it shares its machine with others".into());
    }
    let mut served = match design.kind(i) {
        Some(Kind::Server) => server(design, &p)?,
        Some(Kind::Database) => database(design, &p, i)?,
        _ => return Err("it holds nobody up".into()),
    };
    served.cores = served.cores.min(served.room.0).max(1);
    if served.mean <= 0.0 { Err("its service takes no time".into()) } else { Ok(served) }
}

fn server(design: &Design, p: &Values) -> Result<Service, String> {
    if instances(p) > 1 || p.has("autoscale") && !p.value("autoscale").is_null() {
        return Err("it stands for several machines".into());
    }
    let different = |e: &Values| e.optional_dist("service_ms").is_some() || e.counts("calls").is_some();
    if mixes(design).iter().any(different) {
        return Err("the users' endpoints take different times".into());
    }
    let dist = p.dist("service_ms");
    Ok(Service {
        exponential: matches!(dist, Dist::Exponential(_)),
        mean: dist.mean(),
        cv: dist.cv(),
        shape: "its service is not exponential",
        cores: p.whole("cores"),
        room: (p.whole("workers"), p.whole("backlog")),
        sharing: p.text("discipline") == "ps",
    })
}

/// A database by itself, with the mixture of its reads and writes.
fn database(design: &Design, p: &Values, i: usize) -> Result<Service, String> {
    if design.lines.iter().any(|l| l.meaning == Meaning::Replication && (l.from == i || l.to == i)) {
        return Err("reads and writes are spread over its group".into());
    }
    if p.optional("memory_gb").is_some() {
        return Err("what is not in memory waits for the disk".into());
    }
    let shares: Vec<f64> =
        design.users().iter().filter_map(|&u| Some(design.params(u)?.number("write_share"))).collect();
    let fixed = |u: usize| design.params(u).is_some_and(|p| p.number("static_share") == 0.0);
    let &[writes] = &shares[..] else { return Err("several groups of users share it".into()) };
    if !mixes(design).is_empty() || !design.users().into_iter().all(fixed) {
        return Err("the users' endpoints ask for different things".into());
    }
    let (read, write) = (p.dist("read_ms"), p.dist("write_ms"));
    let only =
        if writes == 0.0 || read == write { Some(read.clone()) } else { Some(write.clone()).filter(|_| writes == 1.0) };
    let square = |d: &Dist| d.mean() * d.mean() * (1.0 + d.cv() * d.cv());
    let mean = (1.0 - writes) * read.mean() + writes * write.mean();
    let squares = (1.0 - writes) * square(&read) + writes * square(&write);
    Ok(Service {
        exponential: matches!(only, Some(Dist::Exponential(_))),
        mean,
        cv: f64::sqrt((squares / (mean * mean) - 1.0).max(0.0)),
        shape: if only.is_some() {
            "its service is not exponential"
        } else {
            "its reads and writes take different times"
        },
        cores: p.whole("cores"),
        room: (p.whole("connections"), p.whole("backlog")),
        sharing: false,
    })
}

/// Everybody's endpoints.
fn mixes<'a>(design: &Design<'a>) -> Vec<Values<'a>> {
    design.users().iter().filter_map(|&u| design.params(u)).flat_map(|p| p.list("mix")).collect()
}

/// What theory says of a node.
pub fn predict(design: &mut Design, i: usize) -> Result<Prediction, String> {
    if !design.scenario.timeline.is_empty() {
        return Err("the timeline changes the design while it runs".into());
    }
    match design.kind(i) {
        Some(Kind::Users) => users(design, i),
        Some(Kind::Dns) => dns(design, i),
        Some(Kind::LoadBalancer) => balancer(design, i),
        Some(Kind::Cache) => cache(design, i),
        Some(Kind::Cdn) => Err("hits and fetches from the origin mix in its times".into()),
        Some(Kind::Queue) => Err("how fast it empties is up to those who take from it".into()),
        Some(Kind::Server | Kind::Database) => station(design, i),
        None => Err("its kind is not known".into()),
    }
}

/// A server or database: its cores, and then what it calls (J. R. Jackson, "Networks of waiting lines", 1957).
fn station(design: &mut Design, i: usize) -> Result<Prediction, String> {
    let station = design.station(i)?;
    let mut prediction = station.prediction();
    let mut constant = true;
    let mut calls = 0.0;
    for line in design.out(i, &[Meaning::Call]) {
        constant = false;
        let times = design.lines[line].params.whole("calls") as f64;
        let at_once = design.lines[line].params.flag("parallel");
        // One of several shards is asked, not all.
        let always = design.lines[line].params.text("shard_of").is_empty();
        let callee = design.predict(design.lines[line].to).ok().and_then(|p| p.sojourn_ms.mean);
        match (callee, design.lines[line].round_trip()) {
            (Some(response), Some(trip)) if always && (!at_once || times <= 1.0) => calls += times * (trip + response),
            _ => calls = f64::NAN,
        }
    }
    if !constant {
        prediction.sojourn_ms = Times { mean: prediction.sojourn_ms.mean.map(|t| t + calls), ..Times::default() };
    }
    if calls.is_nan() {
        prediction.sojourn_ms = Times::default();
    }
    prediction.mean_in_system = prediction.sojourn_ms.mean.map(|t| station.admitted() * t);
    Ok(prediction)
}

const SUM: &str = "Jackson 1957: in a network of such stations the mean times add up";

/// A balancer: its own delay, and the mean of its backends.
fn balancer(design: &mut Design, i: usize) -> Result<Prediction, String> {
    let p = design.params(i).ok_or("its kind is not known")?;
    if p.optional("cores").is_some() {
        return Err("it computes on cores of its own".into());
    }
    let (mut rates, mut sum) = (0.0, 0.0);
    let backends = design.out(i, &[Meaning::Backend]);
    let mut only = Times::default();
    for &line in &backends {
        let to = design.lines[line].to;
        let callee = design.predict(to).map_err(|why| format!("of {} nothing is known: {why}", design.id(to)))?;
        let (rate, trip) = (design.measured(to).0, design.lines[line].round_trip());
        let (Some(response), Some(trip)) = (callee.sojourn_ms.mean, trip) else {
            return Err(format!("how long {} takes is not known", design.id(to)));
        };
        (rates, sum) = (rates + rate, sum + rate * (trip + response));
        only = design.lines[line].constant_round_trip().map_or(only, |trip| callee.sojourn_ms.later(trip));
    }
    if rates <= 0.0 {
        return Err("nothing arrived".into());
    }
    let (delay, overhead) = (p.dist("overhead_ms"), p.dist("overhead_ms").mean());
    let fixed = matches!(delay, Dist::Constant(_)) && backends.len() == 1 && only != Times::default();
    let sojourn_ms = if fixed { only } else { Times::mean(sum / rates) };
    Ok(hops("overhead_ms", overhead, sojourn_ms.later(overhead), design.measured(i).0))
}

/// Users: the network there and back, and what they ask. Names and opening connections are left out.
fn users(design: &mut Design, i: usize) -> Result<Prediction, String> {
    let p = design.params(i).ok_or("its kind is not known")?;
    let [line] = design.out(i, &[Meaning::Path])[..] else { return Err("its requests take several paths".into()) };
    if p.text("connections") == "new" {
        return Err("each request opens a connection".into());
    }
    let to = design.lines[line].to;
    let callee = design.predict(to).map_err(|why| format!("of {} nothing is known: {why}", design.id(to)))?;
    let Some(trip) = design.lines[line].round_trip() else { return Err("its path loses or holds up packets".into()) };
    let times = match design.lines[line].constant_round_trip() {
        Some(trip) => callee.sojourn_ms.later(trip),
        None => Times { mean: callee.sojourn_ms.later(trip).mean, ..Times::default() },
    };
    if times.mean.is_none() {
        return Err(format!("how long {} takes is not known", design.id(to)));
    }
    Ok(hops("round_trip_ms", trip, times, design.measured(i).0))
}

fn hops(name: &'static str, delay: f64, sojourn_ms: Times, rate: f64) -> Prediction {
    Prediction {
        model: "sum of hops".into(),
        source: SUM,
        inputs: vec![("arrival_rate_rps", rate), (name, delay)],
        mean_in_system: sojourn_ms.mean.map(|t| t * rate / 1000.0),
        sojourn_ms,
        ..Prediction::default()
    }
}

/// The resolver of the users who ask here, if every request asks it.
fn dns(design: &mut Design, i: usize) -> Result<Prediction, String> {
    let own = design.params(i).ok_or("its kind is not known")?;
    let asking: Vec<_> = design.lines.iter().filter(|l| l.to == i && l.meaning == Meaning::Names).collect();
    let [line] = asking[..] else { return Err("not just one group of users asks it".into()) };
    let Some(trip) = line.round_trip() else { return Err("the way to it loses or holds up packets".into()) };
    let (users, ttl, fetch) = (line.from, own.number("ttl_s"), (trip + own.number("answer_ms")) / 1000.0);
    let p = design.params(users).ok_or("its kind is not known")?;
    if p.flag("stub_cache") || p.text("connections") != "new" {
        return Err("clients ask only when they open a connection and have forgotten the name".into());
    }
    let steady = p.optional("users").is_none() && p.text("arrivals") == "poisson";
    let load = p.points("load");
    if !steady || load.iter().any(|l| l.1 != load[0].1) || design.measured.retried || !p.flag("resolver_cache") {
        return Err("look-ups are not a Poisson stream at a resolver that caches".into());
    }
    let rate = design.measured(users).0;
    Ok(Prediction {
        model: "time to live".into(),
        source: "Jung, Berger and Balakrishnan 2003",
        inputs: vec![("lookup_rate_rps", rate), ("ttl_s", ttl), ("fetch_s", fetch)],
        hit_share: Some(ttl_hit_share(rate, ttl, fetch)),
        ..Prediction::default()
    })
}

/// A cache: the share of looks that hit.
fn cache(design: &mut Design, i: usize) -> Result<Prediction, String> {
    let p = design.params(i).ok_or("its kind is not known")?;
    let [users] = design.users()[..] else {
        return Err("several groups of users share it, each with keys of its own".into());
    };
    let u = design.params(users).ok_or("its kind is not known")?;
    if p.optional("hit_share").is_some() {
        return Err("its hit share is forced".into());
    }
    if !u.list("mix").is_empty() || u.number("static_share") > 0.0 {
        return Err("the users' endpoints ask for different things".into());
    }
    if design.lines.iter().filter(|l| l.to == i).count() > 1 || design.measured.retried {
        return Err("several servers, or retries, ask it for the same request".into());
    }
    let (capacity, keys, writes) = (p.whole("capacity_items"), u.whole("keys"), u.number("write_share"));
    let popularity = Popularity::zipf(keys, u.number("zipf"));
    let rate = design.measured(users).0;
    let policy = p.text("policy");
    let (model, source, hit_share) = match (policy.as_str(), p.optional("ttl_s")) {
        ("lru", None) => ("Che's approximation", "Che, Tung and Wang 2002", popularity.lru(capacity, writes)),
        ("fifo" | "random", None) if writes == 0.0 => {
            ("Che's approximation", "Fricker, Robert and Roberts 2012", popularity.fifo_or_random(capacity))
        }
        (_, Some(ttl)) if writes == 0.0 && popularity.distinct(rate * ttl) <= capacity as f64 => {
            ("time to live", "Jung, Berger and Balakrishnan 2003", popularity.ttl(rate, ttl).0)
        }
        (_, Some(_)) => return Err("both its capacity and the time to live make it forget".into()),
        _ => return Err(format!("there is no formula for {policy} with writes that delete keys")),
    };
    Ok(Prediction {
        model: model.into(),
        source,
        inputs: vec![
            ("keys", keys as f64),
            ("zipf", u.number("zipf")),
            ("capacity_items", capacity as f64),
            ("write_share", writes),
        ],
        hit_share: Some(hit_share),
        ..Prediction::default()
    })
}
