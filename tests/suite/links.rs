//! Share links: exact for every document, short enough to send, and harmless whoever made them.

use crate::designs::{documents, tidy};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loadstone::codec::{self, link};
use loadstone::rng::mix;
use proptest::prelude::*;
use std::time::Instant;

/// Decodes; fails unless there is an answer in time. Refusals read as sentences for a person.
fn check(fragment: &str) -> Result<(), String> {
    // A hostile link must be answered within 100 ms in a release build; tests are compiled for less speed and share
    // the machine, so this only catches what grows out of hand.
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let answer = link::decode(fragment);
    assert!(start.elapsed().as_millis() < 2000, "it took {:?} to answer a link", start.elapsed());
    answer.map(|_| ()).map_err(|problem| {
        assert!(problem.message.starts_with("This link") || problem.message.contains("(in a link)"), "{problem}");
        problem.message
    })
}

/// A link around these bytes, with the right version and check sum, as a forger would make it.
fn forged(body: &[u8]) -> String {
    let start = mix(1, body.len() as u64);
    let hash = body.chunks(8).fold(start, |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mix(hash, u64::from_le_bytes(word))
    });
    URL_SAFE_NO_PAD.encode([&[1], &(hash as u32).to_le_bytes()[..], body].concat())
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec(bytes, 6)
}

/// The packed form of `{"loadstone": 1, "nodes": [{}, {}, …]}`.
fn with_nodes(count: u32) -> Vec<u8> {
    let mut bytes = [&[11, 2, 7, 9][..], b"loadstone", &[7, 5], b"nodes", &[17, 10]].concat();
    bytes.extend([count as u8 | 128, (count >> 7) as u8 | 128, (count >> 14) as u8]);
    bytes.extend([11, 0]);
    bytes.extend(vec![65; count as usize - 1]);
    bytes
}

#[test]
fn links_are_short_enough_to_send() {
    for (nodes, budget) in [(10, 900), (30, 1_500), (100, 4_500)] {
        let design = tidy(nodes);
        assert_eq!(design.nodes.len(), nodes);
        let errors: Vec<_> = loadstone::check::check(&design).into_iter().filter(|p| p.is_error()).collect();
        assert_eq!(errors, [], "the design of {nodes} nodes is no fair measure");
        let length = link::encode(&design).len();
        assert!(length <= budget, "a design of {nodes} nodes takes {length} characters, more than {budget}");
    }
}

#[test]
fn a_link_of_the_first_version_opens_for_ever() {
    let link = "https://example.org/loadstone/#AQAAAAA";
    assert!(check(link).unwrap_err().contains("check sum"), "a check sum of zeros must not pass");
    let kept = include_str!("first-link.txt").trim();
    let (scenario, _) = link::decode(kept).unwrap_or_else(|p| panic!("a link that somebody kept is refused: {p}"));
    expect_test::expect_file!["first-link.json"].assert_eq(&codec::write(&scenario));
}

#[test]
fn damaged_links_are_refused_with_a_reason() {
    let whole = link::encode(&tidy(10));
    assert!(check("").unwrap_err().contains("is empty"));
    assert!(check("https://example.org/#").unwrap_err().contains("is empty"));
    assert!(check("AQ").unwrap_err().contains("cut short"));
    assert!(check("<script>").unwrap_err().contains("character \"<\""));
    assert!(check(&"A".repeat(70_000)).unwrap_err().contains("too long"));
    assert!(check(&whole[..whole.len() - 4]).unwrap_err().contains("check sum"));
    assert_eq!(check(&format!(" https://example.org/x?y#{whole} \n")), Ok(()));
    let mut bytes = URL_SAFE_NO_PAD.decode(&whole).unwrap();
    bytes[0] = 2;
    assert!(check(&URL_SAFE_NO_PAD.encode(bytes)).unwrap_err().contains("check sum"));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = URL_SAFE_NO_PAD.decode(link::encode(&tidy(10))).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&URL_SAFE_NO_PAD.encode(flipped)).is_err(), "bit {bit} was flipped and nobody noticed");
    }
}

#[test]
fn bombs_are_refused() {
    // Zeros inflate a thousandfold.
    assert!(check(&forged(&deflated(&vec![0; 30 << 20]))).unwrap_err().contains("too large"));
    // A tower of lists.
    assert!(check(&forged(&deflated(&[10, 1].repeat(400_000)))).unwrap_err().contains("deep"));
    assert!(check(&forged(&deflated(&with_nodes(1_000_000)))).unwrap_err().contains("at most 2000 nodes"));
    assert!(check(&forged(&deflated(&with_nodes(3_000)))).unwrap_err().contains("at most 2000 are allowed"));
    // A number that is none.
    let nan = [&[6][..], &f64::NAN.to_le_bytes()].concat();
    assert!(check(&forged(&deflated(&nan))).unwrap_err().contains("not a number"));
    // Not deflated at all.
    assert!(check(&forged(b"plain")).unwrap_err().contains("cannot be inflated"));
}

proptest! {
    #[test]
    fn every_document_survives_its_link(document in documents()) {
        let lean = codec::without_defaults(&document);
        let fragment = link::encode(&document);
        let (back, _) = link::decode(&fragment).map_err(|p| TestCaseError::fail(p.to_string()))?;
        prop_assert_eq!(codec::write(&back), codec::write(&lean));
        prop_assert_eq!(back, lean);
    }

    #[test]
    fn random_text_has_an_answer(text in "\\PC{0,200}") {
        let _ = check(&text);
    }

    #[test]
    fn random_bytes_in_a_proper_wrapping_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = check(&forged(&bytes));
        let _ = check(&forged(&deflated(&bytes)));
    }

    #[test]
    fn every_cut_is_noticed(keep in 0.0..1.0f64) {
        let whole = link::encode(&tidy(30));
        let cut = &whole[..(whole.len() as f64 * keep) as usize];
        prop_assert!(check(cut).is_err(), "a link cut to {} of {} characters opens", cut.len(), whole.len());
    }
}
