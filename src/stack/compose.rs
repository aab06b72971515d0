//! The compose file: every container with its image, its limits and what it is told.

use super::File;
use super::balancer::Program;
use super::data::{Databases, Part, arguments};
use super::names::comment;
use super::site::{PORT, Place, Site};
use crate::component::{Kind, Meaning};

/// One service of the file, written as lines.
struct Service {
    lines: String,
}

impl Service {
    fn new(place: &Place, container: &str) -> Service {
        Service { lines: format!("\n  # {}\n  {container}:\n", comment(&place.node.label())) }
    }

    /// A key with a value that is YAML already.
    fn set(&mut self, key: &str, value: &str) -> &mut Service {
        self.lines += &format!("    {key}: {value}\n");
        self
    }

    /// A key with a list of texts.
    fn list(&mut self, key: &str, items: &[String]) -> &mut Service {
        self.lines += &format!("    {key}:\n");
        for item in items {
            self.lines += &format!("      - {}\n", quoted(item));
        }
        self
    }

    /// A limit of cores and, if it is known, of memory.
    fn limits(&mut self, cores: u64, memory_gb: Option<f64>) -> &mut Service {
        self.set("cpus", &cores.to_string());
        if let Some(gb) = memory_gb {
            self.set("mem_limit", &format!("{}m", ((gb * 1024.0) as u64).max(64)));
        }
        self.set("restart", "unless-stopped")
    }
}

/// A text as YAML, in which JSON's texts are valid, and which Compose takes as it is.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace('$', "$$")).to_string()
}

/// compose.yaml.
pub fn file(site: &Site, differs: &mut Vec<String>) -> File {
    let databases = Databases::of(site);
    let mut text = String::from(
        "# A design of Loadstone as containers; README.md beside this file says what to do with it.\nservices:\n",
    );
    for (i, place) in site.nodes.iter().enumerate() {
        for container in site.containers(i) {
            let mut service = Service::new(place, &container);
            match place.kind {
                Kind::Users | Kind::Dns | Kind::Queue => continue,
                Kind::LoadBalancer | Kind::Cdn => balancer(site, i, &mut service),
                Kind::Server => server(site, i, &mut service),
                Kind::Cache => cache(place, &mut service, differs),
                Kind::Database => database(site, &databases, i, &mut service, differs),
            }
            text += &service.lines;
        }
    }
    text += "\n  # The users.\n  load:\n    build: ./service\n    profiles: [\"load\"]\n    \
             command: [\"python\", \"/load/load.py\", \"/load/load.json\"]\n    volumes:\n      - \"./load:/load:ro\"\n";
    File::new("compose.yaml", text)
}

fn balancer(site: &Site, node: usize, service: &mut Service) {
    let place = &site.nodes[node];
    let program = Program::of(place);
    let (image, inside) = match program {
        Program::HaProxy => ("haproxy:2.6", "/usr/local/etc/haproxy/haproxy.cfg"),
        Program::Nginx => ("nginx:1.22", "/etc/nginx/nginx.conf"),
    };
    service.set("image", image);
    service.list("volumes", &[format!("./{}:{inside}:ro", program.path(&place.name))]);
    let backends: Vec<String> = site.backends(node).into_iter().map(|(name, _)| name).collect();
    if !backends.is_empty() {
        service.list("depends_on", &backends);
    }
    if site.wires.iter().any(|w| w.to == node && matches!(w.meaning, Meaning::Path | Meaning::Record)) {
        // Any free port of this machine: `docker compose port` tells which.
        service.list("ports", &[format!("127.0.0.1::{PORT}")]);
    }
    let cores = if place.values.has("cores") { place.values.optional("cores") } else { None };
    match cores {
        Some(cores) => service.limits(cores as u64, None),
        None => service.set("restart", "unless-stopped"),
    };
}

fn server(site: &Site, node: usize, service: &mut Service) {
    let place = &site.nodes[node];
    service.set("build", "./service");
    service.list("command", &["python", "/service/service.py", "/settings.json"].map(str::to_owned));
    service.list("volumes", &[format!("./service/{}.json:/settings.json:ro", place.name)]);
    if site.of(Kind::Database).next().is_some() {
        service.set("environment", "{PGPASSWORD: loadstone}");
    }
    service.limits(place.values.whole("cores"), Some(place.values.number("memory_gb")));
}

fn cache(place: &Place, service: &mut Service, differs: &mut Vec<String>) {
    let policy = match place.values.text("policy").as_str() {
        "lfu" => "allkeys-lfu",
        "random" => "allkeys-random",
        "fifo" => {
            differs
                .push(format!("`{}` drops what was used longest ago: Redis knows no first in, first out.", place.name));
            "allkeys-lru"
        }
        _ => "allkeys-lru",
    };
    // A record of the stack has 400 bytes; its key and Redis' own structures take about 150 more.
    let bytes = place.values.whole("capacity_items") * 550 + 2_000_000;
    differs.push(format!(
        "`{}` holds {} MB, not a number of records; Redis picks what to drop among a few drawn.",
        place.name,
        bytes / 1_000_000
    ));
    service.set("image", "redis:7");
    let command = ["redis-server", "--save", "", "--maxmemory", &bytes.to_string(), "--maxmemory-policy", policy];
    service.list("command", &command.map(str::to_owned));
    service.limits(place.values.whole("cores"), None);
}

fn database(site: &Site, all: &Databases, node: usize, service: &mut Service, differs: &mut Vec<String>) {
    let place = &site.nodes[node];
    let (name, v) = (&place.name, &place.values);
    if v.text("family") != "relational" {
        differs.push(format!("`{name}` is PostgreSQL, whatever family the design says."));
    }
    differs.push("Databases take as long for a query as PostgreSQL does, not as the design says.".into());
    service.set("image", "postgres:15");
    match all.part(node) {
        Some(Part::Replica(from)) => {
            service.set("user", "postgres");
            service.set("entrypoint", "[\"sh\", \"/replica.sh\"]");
            service.list("command", &arguments(site, all, node, differs));
            let follows = &site.nodes[from].name;
            service.set("environment", &format!("{{PGPASSWORD: loadstone, FOLLOWS: \"{follows}\", NAME: \"{name}\"}}"));
            service.list("volumes", &["./database/replica.sh:/replica.sh:ro".into()]);
            service.list("depends_on", std::slice::from_ref(follows));
        }
        _ => {
            if all.members(node).filter(|&i| all.part(i) == Some(Part::Primary)).count() > 1 {
                differs.push(format!("`{name}` takes writes that no other primary gets: PostgreSQL has one primary."));
            }
            if v.group("failover").is_some_and(|f| f.text("mode") == "automatic") {
                differs.push(format!(
                    "Nobody takes over from `{name}` by itself: `docker compose exec --user postgres REPLICA pg_ctl promote` does."
                ));
            }
            service.list("command", &arguments(site, all, node, differs));
            let keys = site.of(Kind::Users).map(|(_, u)| u.values.whole("keys")).max().unwrap_or(1).min(1_000_000);
            let rows = v.whole("join_rows").min(100);
            service.set(
                "environment",
                &format!("{{POSTGRES_PASSWORD: loadstone, RECORDS: \"{keys}\", JOIN_ROWS: \"{rows}\"}}"),
            );
            service.list("volumes", &["./database/primary.sh:/docker-entrypoint-initdb.d/primary.sh:ro".into()]);
        }
    }
    service.limits(v.whole("cores"), None);
}
