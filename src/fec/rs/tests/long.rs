//! A million random words of every weight up to `t`.

use super::*;

const WORDS: usize = 1_000_000;
const BATCH: usize = 4_096;

/// Symbols and positions from a linear congruential generator of 64 bits, upper bits.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 32) * bound as u64 >> 32) as usize
    }
}

fn all_weights(code: RsCode, words: usize) {
    let rs = ReedSolomon::new(code).unwrap();
    let mut draw = Draw(2_026);
    let (mut work, mut report) = (rs.workspace(), Report::new());
    let messages = Array2::from_shape_simple_fn((BATCH, code.k), || draw.below(1024) as u16);
    let mut sent = Array2::zeros((BATCH, code.n));
    rs.encode_batch(messages.view(), sent.view_mut()).unwrap();
    let mut received = sent.clone();
    for weight in 0..=code.t {
        let mut done = 0;
        while done < words {
            received.assign(&sent);
            for mut word in received.rows_mut() {
                let mut at = Vec::with_capacity(weight);
                while at.len() < weight {
                    let i = draw.below(code.n);
                    if !at.contains(&i) {
                        at.push(i);
                        word[i] ^= (1 + draw.below(1023)) as u16;
                    }
                }
            }
            rs.decode_batch(&mut work, received.view_mut(), &mut report)
                .unwrap();
            assert_eq!(report.histogram()[weight], BATCH as u64);
            assert!(received == sent, "{} weight {weight}", code.name);
            done += BATCH;
        }
    }
}

#[test]
fn some_words_of_every_weight_decode_right() {
    all_weights(KP4, 1);
    all_weights(KR4, 1);
}

#[test]
#[ignore = "long: a million words of each weight, 16 million for KP4 and 8 million for KR4"]
fn a_million_words_of_every_weight_decode_right() {
    all_weights(KP4, WORDS);
    all_weights(KR4, WORDS);
}
