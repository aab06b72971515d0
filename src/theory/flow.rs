//! How requests flow through a design, as far as theory wants to know: what stream arrives at each node.

use super::nodes::Station;
use super::{Measured, Prediction};
use crate::component::link::meaning;
use crate::component::{Kind, Meaning, Values};
use crate::dist::Dist;
use crate::scenario::Scenario;

/// The stream that arrives at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stream {
    /// At random moments, whatever happened before.
    Poisson,
    /// Every k-th of a Poisson stream.
    EveryKth(u64),
    /// From so many users who wait for the answer and then think, for so long in ms on average, the network included.
    Closed(u64, f64),
}

/// A line of the design.
pub struct Line<'a> {
    pub from: usize,
    pub to: usize,
    pub meaning: Meaning,
    pub params: Values<'a>,
}

impl Line<'_> {
    /// Mean of the way there and back, in ms; none where it depends on more than the latency.
    pub fn round_trip(&self) -> Option<f64> {
        let plain = self.params.number("loss_share") == 0.0 && self.params.optional("bandwidth_mbps").is_none();
        plain.then(|| 2.0 * self.params.dist("latency_ms").mean())
    }

    /// The same if it is always the same.
    pub fn constant_round_trip(&self) -> Option<f64> {
        matches!(self.params.dist("latency_ms"), Dist::Constant(_)).then(|| self.round_trip()).flatten()
    }
}

/// A design, with what has been found out about it.
pub struct Design<'a> {
    pub scenario: &'a Scenario,
    pub measured: &'a Measured,
    pub lines: Vec<Line<'a>>,
    kinds: Vec<Option<Kind>>,
    /// By node. While a node is being looked at it has an error, so that a ring comes to an end.
    stations: Vec<Option<Result<Station, String>>>,
    predictions: Vec<Option<Result<Prediction, String>>>,
}

impl<'a> Design<'a> {
    /// Nothing has been found out yet.
    pub fn new(scenario: &'a Scenario, measured: &'a Measured) -> Design<'a> {
        let place = |id: &str| scenario.nodes.iter().position(|n| n.id == id);
        let kinds: Vec<Option<Kind>> = scenario.nodes.iter().map(|n| Kind::from_id(&n.kind)).collect();
        let line = |link: &'a crate::scenario::Link| {
            let (from, to) = (place(&link.from)?, place(&link.to)?);
            let meaning = meaning(kinds[from]?, kinds[to]?).ok()?;
            Some(Line { from, to, meaning, params: Values::new(meaning.params(), &link.params) })
        };
        let lines = scenario.links.iter().filter_map(line).collect();
        let n = kinds.len();
        Design { scenario, measured, lines, kinds, stations: vec![None; n], predictions: vec![None; n] }
    }

    /// Its identifier.
    pub fn id(&self, i: usize) -> &'a str {
        &self.scenario.nodes[i].id
    }

    /// Its kind.
    pub fn kind(&self, i: usize) -> Option<Kind> {
        self.kinds[i]
    }

    /// Its parameters.
    pub fn params(&self, i: usize) -> Option<Values<'a>> {
        Some(Values::new(self.kinds[i]?.spec().params, &self.scenario.nodes[i].params))
    }

    /// Arrivals per second, and mean number inside, as measured.
    pub fn measured(&self, i: usize) -> (f64, f64) {
        self.measured.nodes.get(self.id(i)).copied().unwrap_or_default()
    }

    /// The users nodes.
    pub fn users(&self) -> Vec<usize> {
        (0..self.kinds.len()).filter(|&i| self.kinds[i] == Some(Kind::Users)).collect()
    }

    /// Positions of the lines that leave a node with one of these meanings.
    pub fn out(&self, i: usize, meanings: &[Meaning]) -> Vec<usize> {
        let leaves = |l: &Line| l.from == i && meanings.contains(&l.meaning);
        (0..self.lines.len()).filter(|&l| leaves(&self.lines[l])).collect()
    }

    /// What this node's own cores do to what arrives.
    pub fn station(&mut self, i: usize) -> Result<Station, String> {
        if self.stations[i].is_none() {
            self.stations[i] = Some(Err(format!("requests go round in a ring through {}", self.id(i))));
            self.stations[i] = Some(Station::of(self, i));
        }
        self.stations[i].clone().unwrap_or_else(|| Err(String::new()))
    }

    /// What theory says of this node.
    pub fn predict(&mut self, i: usize) -> Result<Prediction, String> {
        if self.predictions[i].is_none() {
            self.predictions[i] = Some(Err(format!("requests go round in a ring through {}", self.id(i))));
            self.predictions[i] = Some(super::nodes::predict(self, i));
        }
        self.predictions[i].clone().unwrap_or_else(|| Err(String::new()))
    }

    /// The stream that arrives at this node.
    pub fn arrivals(&mut self, i: usize) -> Result<Stream, String> {
        let way = [Meaning::Path, Meaning::Backend, Meaning::Call, Meaning::Origin, Meaning::Consumption];
        let reaches = |l: &Line| l.to == i && way.contains(&l.meaning);
        let lines: Vec<usize> = (0..self.lines.len()).filter(|&l| reaches(&self.lines[l])).collect();
        let mut streams = Vec::new();
        for line in lines {
            streams.push(self.along(line).map_err(|why| format!("its arrivals are not Poisson: {why}"))?);
        }
        match streams[..] {
            [] => Err("nothing calls it".into()),
            [one] => Ok(one),
            _ if streams.iter().all(|s| *s == Stream::Poisson) => Ok(Stream::Poisson),
            _ => Err("its arrivals are not Poisson: several streams meet, and not all of them are".into()),
        }
    }

    /// The stream on a line.
    fn along(&mut self, line: usize) -> Result<Stream, String> {
        let Line { from, meaning, .. } = self.lines[line];
        match (self.kind(from), meaning) {
            (Some(Kind::Users), _) => self.sent_by_users(line),
            (Some(Kind::LoadBalancer), _) => self.sent_by_balancer(line),
            (Some(Kind::Server), Meaning::Call) => self.sent_by_server(line),
            (Some(Kind::Cdn), _) => Err(format!("{} passes on only what it does not know", self.id(from))),
            (Some(Kind::Queue), _) => {
                Err(format!("the queue {} hands out work when its takers are free", self.id(from)))
            }
            _ => Err(format!("what comes from {} is of another kind", self.id(from))),
        }
    }

    fn sent_by_users(&mut self, line: usize) -> Result<Stream, String> {
        let from = self.lines[line].from;
        let (id, Some(p)) = (self.id(from), self.params(from)) else { return Err("nobody asks".into()) };
        let load = p.points("load");
        if load.iter().any(|(_, level)| *level != load[0].1) {
            return Err(format!("the load of {id} changes over time"));
        }
        if self.measured.retried {
            return Err("retries join them".into());
        }
        let paths = self.out(from, &[Meaning::Path]).len() as u64;
        let names = self.out(from, &[Meaning::Names]);
        let records: usize = names.iter().map(|&l| self.out(self.lines[l].to, &[Meaning::Record]).len()).sum();
        if records > 1 {
            return Err(format!("each client of {id} keeps to the address that DNS gave it"));
        }
        if let Some(users) = p.optional("users") {
            let trip = self.lines[line].round_trip().filter(|_| paths == 1 && load[0].1 == 1.0);
            return match trip {
                Some(trip) => Ok(Stream::Closed(users as u64, p.dist("think_ms").mean() + trip)),
                None => Err(format!("the users of {id} wait for an answer before they ask again")),
            };
        }
        match p.text("arrivals").as_str() {
            "poisson" if paths == 1 || !names.is_empty() => Ok(Stream::Poisson),
            "poisson" => Ok(Stream::EveryKth(paths)),
            _ => Err(format!("{id} ask at a constant rate")),
        }
    }

    fn sent_by_balancer(&mut self, line: usize) -> Result<Stream, String> {
        let from = self.lines[line].from;
        let arriving = self.arrivals(from).map_err(inner)?;
        let (id, Some(p)) = (self.id(from), self.params(from)) else { return Err("nobody asks".into()) };
        let weight = |l: &usize| self.lines[*l].params.number("weight");
        let weights: Vec<f64> = self.out(from, &[Meaning::Backend]).iter().map(weight).filter(|w| *w > 0.0).collect();
        let several = |l: &usize| self.params(self.lines[*l].to).is_some_and(|p| instances(&p) > 1);
        let single = weights.len() == 1 && !self.out(from, &[Meaning::Backend]).iter().any(several);
        if p.optional("rate_limit_rps").is_some() {
            return Err(format!("{id} limits the rate"));
        }
        if p.flag("sticky") && !single {
            return Err(format!("each client keeps the server that {id} gave it"));
        }
        match (arriving, p.text("algorithm").as_str()) {
            (Stream::Closed(..), _) => Err("users wait for an answer before they ask again".into()),
            (stream, _) if single => Ok(stream),
            (Stream::Poisson, "random") => Ok(Stream::Poisson),
            (Stream::Poisson, "round_robin") if weights.iter().all(|w| *w == weights[0]) => {
                Ok(Stream::EveryKth(weights.len() as u64))
            }
            (Stream::Poisson, "round_robin") => Err(format!("they come through round robin at {id}")),
            (Stream::EveryKth(_), _) => Err(format!("they come through round robin before {id}")),
            (_, algorithm) => Err(format!("{id} picks by {}", algorithm.replace('_', " "))),
        }
    }

    fn sent_by_server(&mut self, line: usize) -> Result<Stream, String> {
        let from = self.lines[line].from;
        if self.lines[line].params.flag("parallel") && self.lines[line].params.whole("calls") > 1 {
            return Err(format!("{} sends several at once", self.id(from)));
        }
        // What leaves the server's cores goes through everything that it calls first.
        self.lets_poisson_pass(from)?;
        for before in self.out(from, &[Meaning::Call]).into_iter().take_while(|&l| l < line) {
            let to = self.lines[before].to;
            match self.kind(to) {
                Some(Kind::Cache) => {
                    return Err(format!("the cache {} lets through only what it does not know", self.id(to)));
                }
                _ => self.lets_poisson_pass(to)?,
            }
        }
        Ok(Stream::Poisson)
    }

    /// Whether a Poisson stream leaves this node as one.
    fn lets_poisson_pass(&mut self, i: usize) -> Result<(), String> {
        let station = self.station(i).map_err(inner)?;
        if station.lets_poisson_pass() {
            Ok(())
        } else {
            Err(format!("they have gone through {}, which is {}", self.id(i), station.name()))
        }
    }
}

/// How many machines stand behind a server.
pub fn instances(p: &Values) -> u64 {
    if p.has("instances") { p.whole("instances") } else { 1 }
}

/// A reason further up the way, without its beginning.
fn inner(why: String) -> String {
    why.strip_prefix("its arrivals are not Poisson: ").map_or(why.clone(), str::to_owned)
}
