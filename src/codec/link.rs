//! The share link: a whole document in the part of an address behind `#`, which browsers send to nobody.
//!
//! base64url of: a version byte, four bytes of check sum over the rest and the version, raw deflate of the packed
//! document. Whoever opens a link has it from a stranger: every limit holds before memory is taken, the check sum is
//! tested before anything is inflated, and every failure is one sentence for a person.

use super::{Problem, Problems, Subject, packed, read_value, to_value};
use crate::rng::mix;
use crate::scenario::Scenario;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::inflate::TINFLStatus;

/// Longest fragment that is read, in characters.
pub const MAX_FRAGMENT: usize = 64 << 10;
/// What a fragment may inflate to, in bytes.
pub const MAX_INFLATED: usize = 1 << 20;
/// Past this length some apps cut a link.
pub const SAFE_LENGTH: usize = 2_000;
/// The version that is written.
const VERSION: u8 = 1;
/// Version and check sum.
const HEAD: usize = 5;

/// The document as the fragment of a link, without the `#`.
///
/// A document of thousands of nodes can give one longer than [`MAX_FRAGMENT`], which nobody could open: offer the file
/// instead.
pub fn encode(scenario: &Scenario) -> String {
    let body = miniz_oxide::deflate::compress_to_vec(&packed::pack(&to_value(scenario)), 10);
    let mut bytes = vec![VERSION];
    bytes.extend(sum(VERSION, &body));
    bytes.extend(body);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The document in a fragment, or in a whole address with a `#` in it, and warnings about it.
///
/// # Errors
/// What is wrong with the link, in a sentence for the person who opened it.
pub fn decode(link: &str) -> Result<(Scenario, Vec<Problem>), Problem> {
    let fragment = link.rsplit('#').next().unwrap_or_default().trim();
    let value = unwrapped(fragment)
        .and_then(|bytes| inflated(&bytes))
        .and_then(|bytes| packed::unpack(&bytes).map_err(|why| format!("This link is damaged: {why}. {AGAIN}")));
    let (scenario, problems) = read_value(value.map_err(Problem::fatal)?);
    match (scenario, problems.iter().find(|p| p.is_error())) {
        (Some(scenario), None) => Ok((scenario, problems)),
        (_, Some(first)) => {
            Err(Problem { message: format!("{} (in a link). {AGAIN}", first.message), ..first.clone() })
        }
        (None, None) => Err(Problem::fatal(format!("This link holds no document. {AGAIN}"))),
    }
}

const AGAIN: &str = "Ask for it again, or for the file.";

/// The deflated bytes of a fragment, when everything around them is in order.
fn unwrapped(fragment: &str) -> Result<Vec<u8>, String> {
    if fragment.is_empty() {
        return Err(format!("This link is empty: there is nothing behind its #. {AGAIN}"));
    }
    if fragment.len() > MAX_FRAGMENT {
        return Err(format!(
            "This link is too long: it has {} characters, and at most {MAX_FRAGMENT} are read. Ask for the file instead.",
            fragment.len()
        ));
    }
    let bytes = URL_SAFE_NO_PAD.decode(fragment).map_err(|e| match e {
        base64::DecodeError::InvalidByte(..) => {
            let strange = |c: &char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            let odd: String = fragment.chars().find(strange).into_iter().flat_map(char::escape_debug).collect();
            format!("This link is damaged: the character \"{odd}\" does not belong there. {AGAIN}")
        }
        _ => format!("This link is damaged or cut short: its last characters make no sense. {AGAIN}"),
    })?;
    let Some((&[version, a, b, c, d], body)) = bytes.split_first_chunk::<HEAD>() else {
        return Err(format!("This link is cut short: it has only {} characters. {AGAIN}", fragment.len()));
    };
    if [a, b, c, d] != sum(version, body) {
        return Err(format!("This link is damaged or cut short: its check sum does not fit. {AGAIN}"));
    }
    if version != VERSION {
        return Err(format!(
            "This link was made by another Loadstone: its version is {version}, and this one reads {VERSION}. Reload \
             the page or update the program."
        ));
    }
    Ok(body.to_vec())
}

fn inflated(body: &[u8]) -> Result<Vec<u8>, String> {
    miniz_oxide::inflate::decompress_to_vec_with_limit(body, MAX_INFLATED).map_err(|e| {
        if e.status == TINFLStatus::HasMoreOutput {
            format!(
                "This link is too large: it inflates to more than {} MB. Ask for the file instead.",
                MAX_INFLATED >> 20
            )
        } else {
            format!("This link is damaged: it cannot be inflated. {AGAIN}")
        }
    })
}

/// Four bytes that any flipped bit or missing end changes, but for one case in four thousand million.
fn sum(version: u8, body: &[u8]) -> [u8; 4] {
    let start = mix(u64::from(version), body.len() as u64);
    let hash = body.chunks(8).fold(start, |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        mix(hash, u64::from_le_bytes(word))
    });
    (hash as u32).to_le_bytes()
}

/// What to say to somebody who is about to send this link: that it is too long to be opened, or to be safe.
pub fn length_problems(fragment: &str) -> Vec<Problem> {
    let mut problems = Problems::default();
    if fragment.len() > MAX_FRAGMENT {
        let message = format!(
            "the link would have {} characters, and at most {MAX_FRAGMENT} are read; share the file instead",
            fragment.len()
        );
        problems.error("", &Subject::Document, message);
    } else if fragment.len() > SAFE_LENGTH {
        let message = format!(
            "the link has {} characters; some mail and chat programs cut links past {SAFE_LENGTH}, so the file may be safer",
            fragment.len()
        );
        problems.warning("", &Subject::Document, message);
    }
    problems.into_list()
}
