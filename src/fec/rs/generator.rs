//! The generator polynomial `g(x) = (x - alpha^0) (x - alpha^1) ... (x - alpha^(2t-1))`.

use crate::fec::gf;

/// Coefficients of `g` for `roots` roots, highest power first; the first is 1.
pub(super) fn generator(roots: usize) -> Vec<u16> {
    let mut g = vec![1];
    for j in 0..roots {
        // g x + g alpha^j, from the lowest power up.
        g.push(0);
        for i in (1..g.len()).rev() {
            g[i] ^= gf::mul(g[i - 1], gf::exp(j));
        }
    }
    g
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IEEE 802.3 table 91-1, `g30 ... g0`.
    const KP4: [u16; 31] = [
        1, 575, 552, 187, 230, 552, 1, 108, 565, 282, 249, 593, 132, 94, 720, 495, 385, 942, 503,
        883, 361, 788, 610, 193, 392, 127, 185, 158, 128, 834, 523,
    ];
    /// The same table, `g14 ... g0`.
    const KR4: [u16; 15] = [
        1, 904, 6, 701, 32, 656, 925, 900, 614, 391, 592, 265, 945, 290, 432,
    ];

    #[test]
    fn coefficients_are_the_published_ones() {
        assert_eq!(generator(30), KP4);
        assert_eq!(generator(14), KR4);
    }

    #[test]
    fn the_roots_are_the_powers_asked_for() {
        let g = generator(30);
        for j in 0..1023 {
            let x = gf::exp(j);
            let value = g.iter().fold(0, |v, &c| gf::mul(v, x) ^ c);
            assert_eq!(value == 0, j < 30, "alpha^{j}");
        }
    }
}
