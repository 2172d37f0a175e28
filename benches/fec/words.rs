//! Codewords and their errors, fixed by seed.

use ndarray::Array2;
use pamlink::fec::RsCode;
use pamlink::fec::rs::ReedSolomon;
use pamlink::random::Philox;

/// Symbol errors of words.
#[derive(Clone, Copy)]
pub(crate) enum Errors {
    /// So many in every word.
    Each(usize),
    /// Independent bit errors of this ratio.
    BitRatio(f64),
}

impl Errors {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Each(0) => "clean".into(),
            Self::Each(1) => "1 error".into(),
            Self::Each(n) => format!("{n} errors"),
            Self::BitRatio(ber) => format!("BER {ber:.1e}"),
        }
    }

    /// Word, symbol and what is added there.
    pub(crate) fn list(self, code: RsCode, words: usize) -> Vec<(usize, usize, u16)> {
        let random = Philox::new(4, code.n as u64);
        let mut draws = (0u64..).map(|i| random.uniform(i));
        let mut draw = move || draws.next().unwrap_or(0.0);
        let mut list = Vec::new();
        for w in 0..words {
            match self {
                Self::Each(count) => {
                    let mut places = Vec::new();
                    while places.len() < count {
                        let place = (draw() * code.n as f64) as usize;
                        if !places.contains(&place) {
                            places.push(place);
                            list.push((w, place, 1 + (draw() * 1023.0) as u16));
                        }
                    }
                }
                Self::BitRatio(ber) => {
                    for place in 0..code.n {
                        let value = (0..10).fold(0, |v, b| v | u16::from(draw() < ber) << b);
                        if value != 0 {
                            list.push((w, place, value));
                        }
                    }
                }
            }
        }
        list
    }
}

/// Random codewords.
pub(crate) fn codewords(code: RsCode, words: usize) -> Array2<u16> {
    let random = Philox::new(3, code.n as u64);
    let messages = Array2::from_shape_fn((words, code.k), |(w, i)| {
        (random.uniform((w * code.k + i) as u64) * 1024.0) as u16
    });
    let mut sent = Array2::zeros((words, code.n));
    ReedSolomon::new(code)
        .and_then(|plan| plan.encode_batch(messages.view(), sent.view_mut()))
        .expect("shapes");
    sent
}

/// Words in place that get their errors anew.
pub(crate) struct Words {
    pub(crate) words: Array2<u16>,
    again: Vec<(usize, usize, u16)>,
}

impl Words {
    /// Words beyond reach have their errors already.
    pub(crate) fn new(code: RsCode, words: usize, errors: Errors) -> Self {
        let mut words = codewords(code, words);
        let mut again = errors.list(code, words.nrows());
        if matches!(errors, Errors::Each(n) if n > code.t) {
            for &(w, i, value) in &again {
                words[[w, i]] ^= value;
            }
            again.clear();
        }
        Self { words, again }
    }

    pub(crate) fn spoil(&mut self) {
        for &(w, i, value) in &self.again {
            self.words[[w, i]] ^= value;
        }
    }
}
