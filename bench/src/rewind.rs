//! Going back in a long run: ten minutes of 1,000 requests a second through a balancer, servers and two databases, in
//! the session that the page's worker runs.

use loadstone::codec::write_compact;
use loadstone::rng::Rng;
use loadstone::time::{SECOND, from_s, to_s};
use loadstone::worker::{Session, ToWorker};
use serde_json::json;

/// The session, and which moments it goes to.
pub struct Rewind {
    session: Session,
    rng: Rng,
}

/// Its length, in seconds.
const RUN_S: f64 = 600.0;

impl Default for Rewind {
    /// The run, simulated to its end.
    fn default() -> Rewind {
        let web =
            |id: &str| json!({"id": id, "kind": "server", "params": {"cores": 4, "service_ms": {"exponential": 8}}});
        let db = |id: &str| json!({"id": id, "kind": "database", "params": {"cores": 8}});
        let link = |from: &str, to: &str| json!({"from": from, "to": to});
        let mut nodes = vec![
            json!({"id": "users", "kind": "users", "params": {"rate_rps": 1000, "write_share": 0.1}}),
            json!({"id": "lb", "kind": "load_balancer"}),
            db("db1"),
            db("db2"),
        ];
        let mut links = vec![link("users", "lb"), link("db1", "db2")];
        for id in ["web1", "web2", "web3", "web4"] {
            nodes.push(web(id));
            links.extend([link("lb", id), link(id, "db1")]);
        }
        let document =
            json!({"loadstone": 1, "name": "ten minutes", "seed": 7, "run_s": RUN_S, "nodes": nodes, "links": links});
        let scenario = loadstone::check::open(&document.to_string()).0.expect("the design runs");
        let mut session = Session::default();
        session.hear(ToWorker::Load { document: write_compact(&scenario), restart: true }, 0.0);
        let mut rewind = Rewind { session, rng: Rng::named(7, "rewind", "moments") };
        rewind.seek(RUN_S);
        rewind
    }
}

impl Rewind {
    /// A moment of the run.
    pub fn anywhere(&mut self) -> f64 {
        to_s(self.rng.below(from_s(RUN_S) / SECOND * SECOND))
    }

    /// Goes there, and tells the page.
    pub fn seek(&mut self, at: f64) {
        self.session.hear(ToWorker::Seek(from_s(at)), 0.0);
        while self.session.work(&|| 0.0).1.is_some() {}
        assert_eq!(self.session.now(), from_s(at), "the session went elsewhere");
    }

    /// Copies of the run that are kept, and roughly how many bytes they take.
    pub fn checkpoints(&self) -> (usize, usize) {
        self.session.checkpoints()
    }
}
