//! The batch decoder against a plain bounded-distance decoder written another way.

use super::*;
use crate::fec::{KP4, KR4};

#[test]
fn smoke() {
    for level in Level::all() {
        for code in [KP4, KR4] {
            let batch = Batch::new(code, level);
            let mut state = State::default();
            let count = 600;
            let mut words = vec![0u16; count * code.n];
            let mut seed = 7u32;
            let mut random = move || {
                seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
                (seed >> 12) as usize
            };
            let mut weights = vec![];
            for w in 0..count {
                let e = w % (code.t + 4);
                weights.push(e);
                let mut done = 0;
                while done < e {
                    let at = w * code.n + random() % code.n;
                    if words[at] == 0 {
                        words[at] = 1 + (random() % 1023) as u16;
                        done += 1;
                    }
                }
            }
            let sent = words.clone();
            let (mut counts, mut positions) = (vec![9; count], vec![0; count * code.t]);
            batch.decode(&mut state, &mut words, &mut counts, &mut positions);
            for w in 0..count {
                let word = &words[w * code.n..][..code.n];
                if weights[w] <= code.t {
                    assert_eq!(usize::from(counts[w]), weights[w], "word {w} {level}");
                    assert!(word.iter().all(|&s| s == 0), "word {w} {level}");
                } else {
                    assert_eq!(counts[w], UNCORRECTABLE, "word {w} {level}");
                    assert_eq!(word, &sent[w * code.n..][..code.n]);
                }
            }
        }
    }
}
