//! Addresses: who can be reached from the internet, and the IP address that each node shows.

use super::{Kind, Values};
use crate::order::{Gather, Map};
use crate::scenario::Scenario;

/// Where a node can be reached from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// From the internet.
    Public,
    /// Only from nodes inside.
    Private,
}

/// A node's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who can reach it.
    pub reach: Reach,
    /// In dotted form: public ones from 203.0.113.0/24 (reserved for documentation by RFC 5737), private ones from
    /// 10.0.0.0/8 (RFC 1918), the third number telling the tier.
    pub ip: String,
}

/// The address of every node that has one, by identifier. Follows the order of the document, so a node's address stays
/// when others join behind it.
pub fn addresses(scenario: &Scenario) -> Map<&str, Address> {
    // Of two nodes with one identifier the first counts, as everywhere.
    let kinds: Map<&str, Option<Kind>> =
        scenario.nodes.iter().rev().map(|n| (n.id.as_str(), Kind::from_id(&n.kind))).gather();
    let kind_of = |id: &str| kinds.get(id).copied().flatten();
    let mut inside: Map<&str, bool> = Map::new();
    for link in &scenario.links {
        // A CDN is somebody else's: it comes to its origin over the internet.
        let from_outside = matches!(kind_of(&link.from), None | Some(Kind::Users | Kind::Dns | Kind::Cdn));
        *inside.or_default(&link.to) |= !from_outside;
    }
    let (mut public, mut private) = (0usize, Map::new());
    let mut found = Map::new();
    for node in &scenario.nodes {
        let Some(kind) = Kind::from_id(&node.kind).filter(|k| k.spec().addressed) else { continue };
        let reach = match Values::new(kind.spec().params, &node.params).text("address").as_str() {
            "public" => Reach::Public,
            "private" => Reach::Private,
            _ if inside.get(node.id.as_str()) == Some(&true) => Reach::Private,
            _ => Reach::Public,
        };
        let ip = match reach {
            Reach::Public => {
                public += 1;
                format!("203.0.{}.{}", 113 + (public + 9) / 250, (public + 9) % 250)
            }
            Reach::Private => {
                let tier = match kind.spec().group {
                    "Network" => 0,
                    "Compute" => 1,
                    _ => 2,
                };
                let n = private.or_insert(tier, 10usize);
                *n += 1;
                format!("10.{}.{tier}.{}", *n / 250, *n % 250)
            }
        };
        found.insert(node.id.as_str(), Address { reach, ip });
    }
    found
}
