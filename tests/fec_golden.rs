//! The Reed-Solomon codes against vectors that the Python package `galois` made
//! (`tests/golden/generate.py`; the files name its version), at every SIMD level.

use ndarray::Array2;
use pamlink::Level;
use pamlink::fec::rs::{Outcome, ReedSolomon, Report};
use pamlink::fec::{KP4, KR4, RsCode, gf};
use serde_json::Value;

/// Positions, and what is added there.
type Changes = (Vec<usize>, Vec<u16>);

/// A received word and what becomes of it.
struct Vector {
    received: Vec<u16>,
    erased: Vec<usize>,
    /// Symbols that the decoder changes; `None` where it must refuse.
    corrections: Option<Changes>,
}

struct Golden {
    code: RsCode,
    generator: Vec<u16>,
    field: Value,
    words: Vec<Vec<u16>>,
    received: Vec<Vector>,
    erasures: Vec<Vector>,
}

fn numbers<T: TryFrom<u64>>(value: &Value) -> Vec<T> {
    let list = value.as_array().expect("a list");
    list.iter()
        .map(|v| v.as_u64().and_then(|v| T::try_from(v).ok()).expect("small"))
        .collect()
}

fn changes(value: &Value) -> Changes {
    (numbers(&value[0]), numbers(&value[1]))
}

fn changed(word: &[u16], (places, values): &Changes) -> Vec<u16> {
    let mut word = word.to_vec();
    for (&place, value) in places.iter().zip(values) {
        word[place] ^= value;
    }
    word
}

fn golden(code: RsCode) -> Golden {
    let text = match code.name {
        "kp4" => include_str!("golden/kp4.json"),
        _ => include_str!("golden/kr4.json"),
    };
    let json: Value = serde_json::from_str(text).expect("JSON");
    assert!(json["peer"].as_str().expect("text").starts_with("galois "));
    assert_eq!(
        numbers::<usize>(&Value::from(vec![
            json["n"].clone(),
            json["k"].clone(),
            json["t"].clone()
        ])),
        [code.n, code.k, code.t]
    );
    assert_eq!(
        (
            json["polynomial"].as_u64(),
            json["primitive_element"].as_u64()
        ),
        (Some(0x409), Some(2))
    );
    let list = |name: &str| json[name].as_array().expect("a list").clone();
    let words: Vec<Vec<u16>> = list("words")
        .iter()
        .map(|w| [numbers(&w["message"]), numbers(&w["parity"])].concat())
        .collect();
    let vectors = |name: &str| {
        let vector = |v: &Value| Vector {
            received: changed(
                &words[v["word"].as_u64().expect("a number") as usize],
                &changes(&v["errors"]),
            ),
            erased: v.get("erased").map(numbers).unwrap_or_default(),
            corrections: v["corrections"]
                .as_array()
                .map(|_| changes(&v["corrections"])),
        };
        list(name).iter().map(vector).collect()
    };
    Golden {
        code,
        generator: numbers(&json["generator"]),
        field: json["field"].clone(),
        received: vectors("received"),
        erasures: vectors("erasures"),
        words,
    }
}

impl Vector {
    fn answer(&self) -> Vec<u16> {
        let none = Changes::default();
        changed(&self.received, self.corrections.as_ref().unwrap_or(&none))
    }

    fn positions(&self) -> Vec<u16> {
        let places = self
            .corrections
            .as_ref()
            .map(|(places, _)| places.as_slice());
        places
            .unwrap_or_default()
            .iter()
            .map(|&p| p as u16)
            .collect()
    }

    fn outcome(&self) -> Outcome {
        let Some((places, _)) = &self.corrections else {
            return Outcome::Uncorrectable;
        };
        let erasures = places.iter().filter(|p| self.erased.contains(p)).count() as u16;
        Outcome::Corrected {
            errors: places.len() as u16 - erasures,
            erasures,
        }
    }
}

fn each(check: impl Fn(&Golden, &ReedSolomon)) {
    for code in [KP4, KR4] {
        let golden = golden(code);
        for level in Level::all() {
            let plan = ReedSolomon::with_level(code, level).expect("a valid code");
            assert_eq!((plan.code(), plan.level()), (code, level));
            check(&golden, &plan);
        }
    }
}

#[test]
fn the_files_hold_every_weight() {
    for code in [KP4, KR4] {
        let golden = golden(code);
        let mut of_weight = vec![0; code.t + 6];
        for vector in &golden.received {
            let sent = golden.words.iter().map(|w| {
                w.iter()
                    .zip(&vector.received)
                    .filter(|(a, b)| a != b)
                    .count()
            });
            let weight = sent.min().expect("words");
            of_weight[weight] += 1;
            // Three words beyond t were placed near another codeword.
            assert!(vector.corrections.is_some() || weight > code.t);
        }
        assert!(of_weight.iter().all(|&n| n >= 8), "{of_weight:?}");
        let refused = golden
            .received
            .iter()
            .filter(|v| v.corrections.is_none())
            .count();
        assert_eq!((golden.received.len(), refused), (8 * (code.t + 6) + 3, 40));
    }
}

#[test]
fn the_field_is_that_of_galois() {
    let field = golden(KP4).field;
    let rows = |name: &str| -> Vec<Vec<u16>> {
        field[name]
            .as_array()
            .expect("a list")
            .iter()
            .map(numbers)
            .collect()
    };
    for row in rows("products") {
        assert_eq!(gf::mul(row[0], row[1]), row[2]);
    }
    for row in rows("inverses") {
        assert_eq!(gf::inv(row[0]), Some(row[1]));
    }
    for row in rows("powers") {
        assert_eq!(gf::exp(row[0].into()), row[1]);
    }
}

#[test]
fn messages_are_encoded_as_by_galois() {
    each(|golden, plan| {
        let k = golden.code.k;
        for word in &golden.words {
            let mut made = vec![0; word.len()];
            plan.encode(&word[..k], &mut made).expect("lengths");
            assert_eq!(made, *word);
        }
        let words = Array2::from_shape_fn((golden.words.len(), golden.code.n), |(w, i)| {
            golden.words[w][i]
        });
        let mut made = Array2::zeros(words.dim());
        let messages = words.slice(ndarray::s![.., ..k]);
        plan.encode_batch(messages, made.view_mut())
            .expect("shapes");
        assert_eq!(made, words);
        // The last message symbol alone: the generator polynomial without its leading one.
        assert_eq!(golden.words[1][k..], golden.generator[1..]);
    });
}

#[test]
fn single_words_are_decoded_or_refused_as_by_galois() {
    each(|golden, plan| {
        for vector in &golden.received {
            let mut word = vector.received.clone();
            let decoded = plan.decode(&mut word).expect("a word");
            assert_eq!(decoded.outcome, vector.outcome());
            assert_eq!(decoded.positions(), vector.positions());
            assert_eq!(word, vector.answer());
        }
    });
}

#[test]
fn batches_are_decoded_or_refused_as_by_galois() {
    each(|golden, plan| {
        let vectors = &golden.received;
        let (mut work, mut report) = (plan.workspace(), Report::new());
        // More than all planes of a batch hold, and batches that fill none.
        let many: Vec<&Vector> = vectors.iter().cycle().take(1100).collect();
        for (size, all) in [
            (1100, &many[..]),
            (1, &many[..vectors.len()]),
            (67, &many[..]),
        ] {
            for part in all.chunks(size) {
                let mut words = Array2::from_shape_fn((part.len(), golden.code.n), |(w, i)| {
                    part[w].received[i]
                });
                plan.decode_batch(&mut work, words.view_mut(), &mut report)
                    .expect("shapes");
                let outcomes: Vec<Outcome> = part.iter().map(|v| v.outcome()).collect();
                assert_eq!(report.outcomes(), outcomes);
                for (w, vector) in part.iter().enumerate() {
                    assert_eq!(words.row(w).to_vec(), vector.answer());
                    assert_eq!(report.positions(w), vector.positions());
                }
                let refused = part.iter().filter(|v| v.corrections.is_none()).count();
                assert_eq!(report.uncorrectable(), refused);
                let symbols: usize = part.iter().map(|v| v.positions().len()).sum();
                assert_eq!(report.corrected_symbols(), symbols as u64);
            }
        }
    });
}

#[test]
fn erasures_are_filled_up_to_what_the_code_can() {
    each(|golden, plan| {
        for vector in &golden.erasures {
            let mut word = vector.received.clone();
            let decoded = plan
                .decode_with_erasures(&mut word, &vector.erased)
                .expect("a word");
            assert_eq!(decoded.outcome, vector.outcome(), "{:?}", vector.erased);
            assert_eq!(decoded.positions(), vector.positions());
            assert_eq!(word, vector.answer());
        }
    });
}
