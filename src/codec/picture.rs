//! Documents inside pictures: an SVG, a PNG or a Mermaid diagram carries the fragment of its link, and opens again as the scenario that it shows.
//!
//! Whoever opens a picture has it from a stranger. Nothing of it is looked at but that fragment, which goes through the same
//! decoder as a link.

use super::link::MAX_FRAGMENT;

/// What stands before the fragment inside an SVG's `metadata` and a diagram's comment.
pub const SVG_MARK: &str = "loadstone#";
/// The keyword of a PNG's text chunk.
const PNG_KEYWORD: &[u8] = b"loadstone\0";
/// What every PNG begins with.
const PNG_HEAD: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Length, type and check sum around a chunk's data.
const AROUND: usize = 12;
/// The first chunk, whose length is fixed.
const HEADER_CHUNK: usize = AROUND + 13;

/// If this is a picture, the fragment in it, should it have one.
pub fn in_file(bytes: &[u8]) -> Option<Option<&str>> {
    if bytes.starts_with(&PNG_HEAD) {
        return Some(in_png(bytes));
    }
    let text = std::str::from_utf8(bytes).ok()?.trim_start();
    let drawing = text.starts_with("<svg") || text.starts_with("<?xml") && text.contains("<svg");
    let diagram = text.starts_with("%% loadstone#") || text.starts_with("flowchart ") || text.starts_with("graph ");
    (drawing || diagram).then(|| in_svg(text))
}

/// The fragment in the text of an SVG or a diagram.
pub fn in_svg(text: &str) -> Option<&str> {
    let rest = text.split_once(SVG_MARK)?.1;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
    (end > 0).then_some(&rest[..end])
}

/// The fragment in a PNG's bytes.
pub fn in_png(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes.strip_prefix(&PNG_HEAD)?;
    while let Some((head, after)) = rest.split_at_checked(8) {
        let long = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (data, after) = after.split_at_checked(long)?;
        if &head[4..] == b"tEXt"
            && let Some(text) = data.strip_prefix(PNG_KEYWORD)
        {
            return std::str::from_utf8(text).ok().filter(|t| t.len() <= MAX_FRAGMENT);
        }
        rest = after.split_at_checked(4)?.1;
    }
    None
}

/// A PNG with this fragment in it, right behind its first chunk. `sum` is the CRC-32 of PNG and zip. Bytes that are no PNG
/// come back as they are.
pub fn into_png(bytes: &[u8], link: &str, sum: impl Fn(&[u8]) -> u32) -> Vec<u8> {
    let place = PNG_HEAD.len() + HEADER_CHUNK;
    if !bytes.starts_with(&PNG_HEAD) || bytes.len() < place {
        return bytes.to_vec();
    }
    let mut chunk = b"tEXt".to_vec();
    chunk.extend(PNG_KEYWORD);
    chunk.extend(link.as_bytes());
    let mut out = bytes[..place].to_vec();
    out.extend(((chunk.len() - 4) as u32).to_be_bytes());
    out.extend(&chunk);
    out.extend(sum(&chunk).to_be_bytes());
    out.extend(&bytes[place..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A PNG of one grey pixel.
    const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

    #[test]
    fn a_png_keeps_its_pixels_and_gets_the_link() {
        let with = into_png(PIXEL, "AbC-_9", rawzip::crc32);
        assert_eq!(in_png(&with), Some("AbC-_9"));
        assert_eq!(in_png(PIXEL), None);
        assert_eq!((in_file(&with), in_file(PIXEL)), (Some(Some("AbC-_9")), Some(None)), "both are pictures");
        assert_eq!((in_file(b"{}"), in_file(b"\xff\xfe")), (None, None), "those are not");
        assert_eq!(
            in_file(b" <?xml version=\"1.0\"?>\n<svg><metadata>loadstone#Ab</metadata></svg>"),
            Some(Some("Ab"))
        );
        let chunk = &with[33..];
        assert_eq!(&chunk[4..8], b"tEXt");
        assert_eq!(rawzip::crc32(b"IEND"), 0xae42_6082, "the check sum is that of PNG");
        assert_eq!(with.len(), PIXEL.len() + AROUND + PNG_KEYWORD.len() + 6);
        assert_eq!(into_png(b"GIF89a", "x", rawzip::crc32), b"GIF89a");
    }

    proptest! {
        #[test]
        fn strangers_bytes_are_none_or_text(bytes in prop::collection::vec(any::<u8>(), 0..200), svg in ".{0,80}") {
            let mut png = PNG_HEAD.to_vec();
            png.extend(&bytes);
            prop_assert!(in_png(&png).is_none_or(|t| t.len() <= MAX_FRAGMENT));
            let _ = (in_png(&bytes), in_svg(&svg), in_svg(&format!("{SVG_MARK}{svg}")), in_file(&bytes));
        }
    }
}
