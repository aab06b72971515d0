//! The kinds of component: one table, [`KINDS`], and one file per kind with its parameters, behaviour and tests.
//!
//! A new kind is one file and one line in the `kinds!` list below. Its table of parameters drives the palette, the
//! inspector, the checks, `loadstone kinds` and the tests that run for every kind. Knows documents and time, never the
//! engine: a behaviour fills an [`Effects`](effects::Effects) buffer that the engine drains.

pub mod address;
pub mod effects;
pub mod event;
mod index;
pub mod log;
pub mod logins;
pub mod machine;
pub mod net;
pub mod param;
pub mod prices;
pub mod sharding;
pub mod slo;
mod station;
mod store;
pub mod traffic;
pub mod view;

mod cache;
mod cdn;
pub mod database;
mod dns;
mod guard;
mod health;
pub mod link;
mod load_balancer;
mod queue;
mod server;
mod users;

pub use database::{Role, Shape};
pub use link::Meaning;
pub use param::{Lit, Param, Type, Values};

/// What the table says about one kind.
#[derive(Debug)]
pub struct KindSpec {
    /// Its identifier in files.
    pub id: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// The palette's heading.
    pub group: &'static str,
    /// One sentence: what it is in real life.
    pub help: &'static str,
    /// An SVG path in a 24 × 24 box, stroked.
    pub icon: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// Whether it has an address of its own (`address` public or private).
    pub addressed: bool,
    /// Whether linked nodes of this kind form a group that is addressed as one.
    pub grouped: bool,
    /// What the palette offers; more than one where a parameter makes it look like another thing.
    pub presets: &'static [Preset],
}

/// One entry of the palette: a kind with some parameters set.
#[derive(Debug)]
pub struct Preset {
    /// What people call it.
    pub label: &'static str,
    /// The identifier and name that a new node gets, before a number is appended: `web` makes `web1`, "Web 1".
    pub stem: &'static str,
    /// Parameters that differ from the defaults.
    pub params: &'static [(&'static str, Lit)],
}

impl KindSpec {
    /// The parameter with this name.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|p| p.name == name)
    }
}

/// Makes the closed enum of kinds, the table of their specifications and the closed enum of behaviours from one list.
macro_rules! kinds {
    ($($variant:ident => $module:ident::$behaviour:ident),* $(,)?) => {
        /// A kind of component.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $(#[allow(missing_docs)] $variant),* }

        /// Every kind, in the palette's order.
        pub const KINDS: &[Kind] = &[$(Kind::$variant),*];

        impl Kind {
            /// What the table says about it.
            pub fn spec(self) -> &'static KindSpec {
                match self { $(Kind::$variant => &$module::SPEC),* }
            }
        }

        /// What a node, or a group of nodes, does.
        // With a tag of its own: which it is cannot be guessed, and to work it out from a field's values takes longer.
        #[repr(u32)]
        #[derive(Clone)]
        #[allow(missing_docs, clippy::large_enum_variant)]
        pub enum Actor { $($variant($module::$behaviour)),* }

        impl Actor {
            /// The behaviour of these nodes, all of one kind; more than one only where a kind forms groups.
            pub fn new(seed: u64, net: &net::Net, nodes: &[net::NodeIx]) -> Actor {
                match net.nodes[nodes[0] as usize].kind {
                    $(Kind::$variant => Actor::$variant($module::$behaviour::new(seed, net, nodes))),*
                }
            }

            /// The behaviour, to look at.
            pub fn behaviour(&self) -> &dyn effects::Behaviour {
                match self { $(Actor::$variant(behaviour) => behaviour),* }
            }

            /// Calls a method of the behaviour, whatever the kind.
            #[inline]
            pub fn act<T>(&mut self, f: impl FnOnce(&mut dyn effects::Behaviour) -> T) -> T {
                match self { $(Actor::$variant(behaviour) => f(behaviour)),* }
            }
        }
    };
}

kinds! {
    Users => users::Users,
    Dns => dns::Dns,
    Cdn => cdn::Cdn,
    LoadBalancer => load_balancer::LoadBalancer,
    Server => server::Server,
    Cache => cache::Cache,
    Database => database::Database,
    Queue => queue::Queue,
}

impl Kind {
    /// The kind with this identifier.
    pub fn from_id(id: &str) -> Option<Kind> {
        KINDS.iter().copied().find(|k| k.id() == id)
    }

    /// Its identifier in files.
    pub fn id(self) -> &'static str {
        self.spec().id
    }

    /// Whether it computes on a machine, its own or another node's.
    pub fn hosted(self) -> bool {
        self.spec().param(HOST.name).is_some()
    }
}

/// The parameter that every node with an address has.
const ADDRESS: Param = param::choice(
    "address",
    "Address",
    &["auto", "public", "private"],
    "Who can reach it: the internet, or only nodes inside. Auto is private if a node other than users, DNS or a CDN links to it.",
);

/// The parameter of every node that stands somewhere; a fault can hit a whole region.
pub const REGION: Param = param::text(
    "region",
    "Region",
    "",
    "Where it stands, to be lost with everything there. Without one, its zone says so: eu for eu-a, us-east-1 for us-east-1a.",
)
.none();

/// The parameter of every node that can run on another's machine; see `station::Station`.
pub const HOST: Param = param::text(
    "host",
    "Runs on",
    "",
    "The server, database or cache on whose machine it runs: it shares that one's cores and memory, from the start to the end of a run, and goes down with it. None is a machine of its own.",
)
.none();
