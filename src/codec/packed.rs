//! A plain value as few bytes: the form inside a share link, before it is deflated.
//!
//! Any JSON value can be packed, so nothing here knows what a node is, and what this version does not understand
//! survives. It is small because words that every document uses are numbers ([`WORDS`]), a text said before is a
//! reference, and objects with the same fields share them. Numbers keep every bit.
//!
//! One byte says what follows (`varint` is LEB128):
//!
//! | byte | value |
//! | --- | --- |
//! | 0, 1, 2 | null, false, true |
//! | 3, 4 | the whole number `varint`; the negative one −1 − `varint` |
//! | 5 | a decimal: exponent (one signed byte), then the digits as a zigzag `varint` |
//! | 6 | a double, 8 bytes, little-endian |
//! | 7 | a text: length, UTF-8 |
//! | 8 | a word of the list: its number |
//! | 9 | a text said before: its number |
//! | 10 | a list: length, values |
//! | 11 | an object with new fields: their count, their names as texts, their values |
//! | 12 | an object with fields seen before: their number, the values |
//! | 16… | whole numbers 0 to 47 |
//! | 64… | an object with the fields 0 to 63 |
//! | 128… | a text said before, 0 to 63 |
//! | 192… | a text said before, 64 to 16447, with the next byte |

use super::scan::{too_deep, too_many};
use super::words::WORDS;
use super::{MAX_DEPTH, MAX_ITEMS};
use crate::order::Map;
use crate::scenario::Params;
use serde_json::{Number, Value};

/// A text longer than this is written out each time, so that few bytes cannot unpack to many texts.
const SHARED: usize = 64;
/// What one link may unpack to, in bytes of text and 16 for each value.
const BUDGET: usize = 8 << 20;

/// Packs a value.
pub fn pack(value: &Value) -> Vec<u8> {
    let mut packer = Packer::default();
    packer.value(value);
    packer.out
}

#[derive(Default)]
struct Packer<'a> {
    out: Vec<u8>,
    texts: Map<&'a str, usize>,
    shapes: Map<Vec<&'a str>, usize>,
}

impl<'a> Packer<'a> {
    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Null => self.out.push(0),
            Value::Bool(b) => self.out.push(1 + u8::from(*b)),
            Value::Number(n) => self.number(n),
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                self.tagged(10, list.len() as u64);
                list.iter().for_each(|v| self.value(v));
            }
            Value::Object(map) => {
                self.shape(map.keys().map(String::as_str).collect());
                map.values().for_each(|v| self.value(v));
            }
        }
    }

    fn number(&mut self, n: &Number) {
        if let Some(n) = n.as_u64() {
            if n < 48 { self.out.push(16 + n as u8) } else { self.tagged(3, n) }
        } else if let Some(n) = n.as_i64() {
            self.tagged(4, !n as u64);
        } else if let Some(n) = n.as_f64() {
            match decimal(n) {
                Some((digits, exponent)) => {
                    self.out.extend([5, exponent as u8]);
                    self.varint(((digits << 1) ^ (digits >> 63)) as u64);
                }
                None => {
                    self.out.push(6);
                    self.out.extend(n.to_le_bytes());
                }
            }
        }
    }

    fn text(&mut self, text: &'a str) {
        if let Some(&n) = self.texts.get(text) {
            match n {
                0..64 => self.out.push(128 + n as u8),
                64..16448 => self.out.extend([192 + ((n - 64) >> 8) as u8, (n - 64) as u8]),
                _ => self.tagged(9, n as u64),
            }
            return;
        }
        if let Some(n) = WORDS.iter().position(|&word| word == text) {
            self.tagged(8, n as u64);
        } else {
            self.tagged(7, text.len() as u64);
            self.out.extend(text.as_bytes());
        }
        if text.len() <= SHARED {
            self.texts.insert(text, self.texts.len());
        }
    }

    fn shape(&mut self, names: Vec<&'a str>) {
        match self.shapes.get(&names) {
            Some(&n @ 0..64) => self.out.push(64 + n as u8),
            Some(&n) => self.tagged(12, n as u64),
            None => {
                self.tagged(11, names.len() as u64);
                names.iter().for_each(|name| self.text(name));
                self.shapes.insert(names, self.shapes.len());
            }
        }
    }

    fn tagged(&mut self, tag: u8, n: u64) {
        self.out.push(tag);
        self.varint(n);
    }

    fn varint(&mut self, mut n: u64) {
        while n >= 128 {
            self.out.push(n as u8 | 128);
            n >>= 7;
        }
        self.out.push(n as u8);
    }
}

/// Digits and exponent that read as exactly this number, if that takes fewer bytes than the number itself.
fn decimal(n: f64) -> Option<(i64, i8)> {
    let text = format!("{n:e}");
    let (digits, exponent) = text.split_once('e')?;
    let places = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let digits: i64 = digits.replace('.', "").parse().ok()?;
    let exponent = i8::try_from(exponent.parse::<i64>().ok()? - places as i64).ok()?;
    let exact = from_decimal(digits, exponent).is_some_and(|back| back.to_bits() == n.to_bits());
    (exact && digits.abs() < 1 << 40).then_some((digits, exponent))
}

fn from_decimal(digits: i64, exponent: i8) -> Option<f64> {
    super::number(&format!("{digits}e{exponent}"))
}

/// Unpacks a value.
///
/// # Errors
/// One sentence: how the bytes are not what [`pack`] makes, or which limit they pass.
pub fn unpack(bytes: &[u8]) -> Result<Value, String> {
    let mut unpacker = Unpacker { bytes, texts: Vec::new(), shapes: Vec::new(), budget: BUDGET };
    let value = unpacker.value(1)?;
    if unpacker.bytes.is_empty() { Ok(value) } else { Err(broken()) }
}

fn broken() -> String {
    "what it holds is not a document".into()
}

struct Unpacker<'a> {
    bytes: &'a [u8],
    texts: Vec<&'a str>,
    shapes: Vec<Vec<&'a str>>,
    budget: usize,
}

impl<'a> Unpacker<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.spend(16)?;
        let tag = self.byte()?;
        Ok(match tag {
            0 => Value::Null,
            1 | 2 => Value::Bool(tag == 2),
            3 => Value::from(self.varint()?),
            4 => Value::from(!i64::try_from(self.varint()?).map_err(|_| broken())?),
            5 => {
                let exponent = self.byte()? as i8;
                let zigzag = self.varint()?;
                let digits = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
                double(from_decimal(digits, exponent).unwrap_or(f64::NAN))?
            }
            6 => double(f64::from_le_bytes(self.take(8)?.try_into().map_err(|_| broken())?))?,
            16..64 => Value::from(tag - 16),
            10 => {
                let length = self.length(depth)?;
                Value::Array((0..length).map(|_| self.value(depth + 1)).collect::<Result<_, _>>()?)
            }
            11 => {
                let length = self.length(depth)?;
                let names = (0..length).map(|_| self.name()).collect::<Result<Vec<_>, _>>()?;
                self.shapes.push(names.clone());
                self.fields(&names, depth)?
            }
            12 | 64..128 => {
                let n = if tag == 12 { self.index()? } else { usize::from(tag - 64) };
                let names = self.shapes.get(n).ok_or_else(broken)?.clone();
                self.fields(&names, depth)?
            }
            _ => {
                let text = self.text(tag)?;
                self.spend(text.len())?;
                Value::from(text)
            }
        })
    }

    fn fields(&mut self, names: &[&'a str], depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        let mut map = Params::new();
        for name in names {
            self.spend(name.len())?;
            let value = self.value(depth + 1)?;
            map.insert((*name).to_owned(), value);
        }
        Ok(Value::Object(map))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let tag = self.byte()?;
        self.text(tag)
    }

    fn text(&mut self, tag: u8) -> Result<&'a str, String> {
        let said = match tag {
            7 | 8 => None,
            9 => Some(self.index()?),
            128..192 => Some(usize::from(tag - 128)),
            192.. => Some(64 + (usize::from(tag - 192) << 8) + usize::from(self.byte()?)),
            _ => return Err(broken()),
        };
        if let Some(n) = said {
            return self.texts.get(n).copied().ok_or_else(broken);
        }
        let n = self.index()?;
        let text = if tag == 8 {
            WORDS.get(n).copied().ok_or_else(broken)?
        } else {
            std::str::from_utf8(self.take(n)?).map_err(|_| broken())?
        };
        if text.len() <= SHARED {
            self.texts.push(text);
        }
        Ok(text)
    }

    /// The length of a list or object at this depth.
    fn length(&mut self, depth: usize) -> Result<usize, String> {
        if depth > MAX_DEPTH {
            return Err(too_deep());
        }
        match self.varint()? {
            n if n > MAX_ITEMS as u64 => Err(too_many()),
            // Every entry takes a byte at least: a length that lies reserves no memory.
            n if n > self.bytes.len() as u64 => Err(broken()),
            n => Ok(n as usize),
        }
    }

    fn spend(&mut self, cost: usize) -> Result<(), String> {
        self.budget = self.budget.checked_sub(cost).ok_or("it unpacks to more than any design needs")?;
        Ok(())
    }

    /// A number of bytes, or of something said before; the same in the browser, whose words are shorter.
    fn index(&mut self) -> Result<usize, String> {
        u32::try_from(self.varint()?).map(|n| n as usize).map_err(|_| broken())
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(n);
            }
        }
        Err(broken())
    }

    fn byte(&mut self) -> Result<u8, String> {
        let (&first, rest) = self.bytes.split_first().ok_or_else(broken)?;
        self.bytes = rest;
        Ok(first)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.bytes.split_at_checked(n).ok_or_else(broken)?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn double(n: f64) -> Result<Value, String> {
    Number::from_f64(n).map(Value::Number).ok_or_else(|| "it holds a number that is not a number".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn check(value: &Value) {
        let bytes = pack(value);
        let back = unpack(&bytes);
        assert_eq!(back.as_ref(), Ok(value), "packed as {bytes:?}");
        assert_eq!(back.unwrap().to_string(), value.to_string(), "-0.0 and 0.0 are equal, their texts are not");
    }

    #[test]
    fn values_come_back_bit_by_bit() {
        for n in [0.1, -0.0, 5.0, 1e300, 5e-324, f64::MAX, 0.1 + 0.2, 1.0 / 3.0, -123.456, 1e22, 9e15] {
            check(&json!(n));
        }
        check(&json!([0, 47, 48, u64::MAX, -1, i64::MIN, i64::MAX, null, true, false]));
        check(&json!({"": {"a": []}, "kind": "server", "b": {}, "again": ["x", "x", "kind", {"a": 1}, {"a": 2}]}));
        let many: Vec<String> = (0..9000).map(|i| format!("text {i}")).collect();
        check(&json!([many, many]));
        let long = "long ".repeat(100);
        check(&json!([long, long]));
    }

    #[test]
    fn a_bomb_of_references_is_refused() {
        // One list of 10,000 texts of 64 bytes, again and again: 1.2 MB would unpack to 64 MB.
        let name = "n".repeat(64);
        let row = Value::from(vec![name; 1000]);
        let bytes = pack(&Value::from(vec![row; 1000]));
        assert_eq!(unpack(&bytes), Err("it unpacks to more than any design needs".into()));
    }

    #[test]
    fn a_tower_of_lists_is_refused() {
        assert_eq!(unpack(&[10, 1].repeat(100_000)), Err(too_deep()));
        assert_eq!(unpack(&[&[11, 1, 7, 1, b'a'][..], &[64; 100_000]].concat()), Err(too_deep()));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            (-10_000i32..10_000).prop_map(|n| Value::from(f64::from(n) / 100.0)),
            "[a-c]{0,2}|\\PC{0,80}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-c]{0,2}|kind", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_comes_back(value in value()) {
            check(&value);
        }

        #[test]
        fn any_bytes_have_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes);
        }
    }
}
