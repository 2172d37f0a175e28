//! Endless PAM4 symbol streams: PRBS13Q, PRBS31Q, SSPRQ, or any PRBS through the Gray map.

use super::prbs::{Prbs, PrbsGenerator};
use crate::error::Result;

/// Seed of PRBS13Q: S0..S12 = 0000010101011, S0 the newest (IEEE 802.3 clause 120.5.11.2.1).
const PRBS13Q_SEED: u32 = 0b1_1010_1010_0000;

/// A stream of PAM4 symbols 0..=3 in level order that fills blocks of any size.
///
/// The sequence does not depend on how it is cut into blocks. Two clones continue alike.
///
/// ```
/// use pamlink::pattern::SymbolSource;
/// let mut source = SymbolSource::prbs13q()?;
/// let mut symbols = [0; 12];
/// source.fill(&mut symbols);
/// assert_eq!(symbols, [1, 0, 3, 1, 3, 2, 0, 2, 2, 0, 1, 1]);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SymbolSource(Inner);

#[derive(Debug, Clone)]
enum Inner {
    Sequence {
        generator: Box<PrbsGenerator>,
        invert: bool,
    },
    Cycle {
        symbols: Vec<u8>,
        next: usize,
    },
}

impl SymbolSource {
    /// PRBS13Q: PRBS13 through the Gray map, seed 0000010101011; period 8191 symbols.
    ///
    /// Reference: IEEE 802.3 clause 120.5.11.2.1.
    pub fn prbs13q() -> Result<Self> {
        Self::prbs(Prbs::Prbs13, PRBS13Q_SEED, false)
    }

    /// PRBS31Q: inverted PRBS31 through the Gray map, seed all ones; period `2^31 - 1` symbols.
    ///
    /// Reference: IEEE 802.3 clause 120.5.11.2.2.
    pub fn prbs31q() -> Result<Self> {
        Self::prbs(Prbs::Prbs31, Prbs::Prbs31.ones(), true)
    }

    /// SSPRQ, repeated without a gap; period 65 535 symbols. See [`super::ssprq()`].
    pub fn ssprq() -> Result<Self> {
        Ok(Self(Inner::Cycle {
            symbols: super::ssprq()?,
            next: 0,
        }))
    }

    /// Any PRBS through the Gray map from any seed (as in [`Prbs::generator`]), its bits inverted
    /// first if `invert`. The period is that of the bits, an odd number, in symbols.
    pub fn prbs(prbs: Prbs, seed: u32, invert: bool) -> Result<Self> {
        Ok(Self(Inner::Sequence {
            generator: Box::new(prbs.generator(seed)?),
            invert,
        }))
    }

    /// Fills a block with the next symbols.
    pub fn fill(&mut self, symbols: &mut [u8]) {
        match &mut self.0 {
            Inner::Sequence { generator, invert } => generator.fill_symbols(*invert, symbols),
            Inner::Cycle {
                symbols: cycle,
                next,
            } => {
                let mut rest = symbols;
                while !rest.is_empty() {
                    let n = rest.len().min(cycle.len() - *next);
                    let (head, tail) = rest.split_at_mut(n);
                    head.copy_from_slice(&cycle[*next..*next + n]);
                    *next = (*next + n) % cycle.len();
                    rest = tail;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn take(mut source: SymbolSource, n: usize) -> Vec<u8> {
        let mut symbols = vec![9; n];
        source.fill(&mut symbols);
        symbols
    }

    fn text(symbols: &[u8]) -> String {
        symbols.iter().map(|s| char::from(b'0' + s)).collect()
    }

    #[test]
    fn prefixes_are_the_published_ones() {
        let q13 = "1031320220111130103121231210012102121023131112";
        let q31 = "22222222222222012222222222220002222222222201201222";
        assert_eq!(
            text(&take(SymbolSource::prbs13q().unwrap(), q13.len())),
            q13
        );
        assert_eq!(
            text(&take(SymbolSource::prbs31q().unwrap(), q31.len())),
            q31
        );
    }

    #[test]
    fn prbs13q_repeats_after_8191_symbols_and_not_before() {
        let s = take(SymbolSource::prbs13q().unwrap(), 3 * 8191);
        assert_eq!(s[..2 * 8191], s[8191..]);
        // 8191 is prime: a shorter period would divide it, that is, be one symbol.
        assert!(s.iter().any(|&x| x != s[0]));
        // Every pair of bits occurs 2^11 times in two periods of the bits, 00 once less.
        let mut counts = [0; 4];
        s[..8191].iter().for_each(|&x| counts[usize::from(x)] += 1);
        assert_eq!(counts, [2047, 2048, 2048, 2048]);
    }

    #[test]
    fn ssprq_wraps_without_a_gap() {
        let s = take(SymbolSource::ssprq().unwrap(), 2 * 65_535 + 10);
        assert_eq!(s[..65_535 + 10], s[65_535..]);
    }

    proptest! {
        #[test]
        fn blocks_do_not_change_the_stream(
            which in 0usize..3,
            sizes in prop::collection::vec(0usize..40_000, 1..6),
        ) {
            let source = || match which {
                0 => SymbolSource::prbs13q().unwrap(),
                1 => SymbolSource::prbs31q().unwrap(),
                _ => SymbolSource::ssprq().unwrap(),
            };
            let mut stream = source();
            let mut got = Vec::new();
            for n in sizes {
                let at = got.len();
                got.resize(at + n, 9);
                stream.fill(&mut got[at..]);
            }
            prop_assert_eq!(&got, &take(source(), got.len()));
        }
    }

    /// `cargo test --release -- --ignored --nocapture speed_of` on a quiet machine.
    #[test]
    #[ignore = "measures time"]
    fn speed_of_prbs31q() {
        let mut source = SymbolSource::prbs31q().unwrap();
        let mut block = vec![0; 1 << 15];
        let start = std::time::Instant::now();
        for _ in 0..20_000 {
            source.fill(&mut block);
            std::hint::black_box(&mut block);
        }
        let rate = 20_000.0 * block.len() as f64 / start.elapsed().as_secs_f64();
        println!("prbs31q {:.2} GSym/s", rate * 1e-9);
        assert!(rate > 3e8);
    }
}
