//! Products by tables of logarithms, made at compile time from the definition.

use super::reference;

/// The field's polynomial `x^10 + x^3 + 1`, bit `b` for `x^b`.
pub const POLYNOMIAL: u16 = 0x409;

/// The primitive element `x`.
pub const ALPHA: u16 = 2;

/// Number of elements other than zero: the order of [`ALPHA`].
pub const ORDER: usize = 1023;

/// What stands for the logarithm of zero: a sum with it always lands where [`EXP`] is zero.
const LOG_OF_ZERO: u16 = 2 * ORDER as u16;

/// `alpha^i` for the sums of two logarithms, then zeros: 8 KiB.
static EXP: [u16; 4096] = make_exp();

/// The exponent of each element.
static LOG: [u16; 1024] = make_log();

const fn make_exp() -> [u16; 4096] {
    let mut table = [0; 4096];
    let mut power = 1;
    let mut i = 0;
    while i < 2 * ORDER {
        table[i] = power;
        power = reference::mul(power, ALPHA);
        i += 1;
    }
    table
}

const fn make_log() -> [u16; 1024] {
    let mut table = [LOG_OF_ZERO; 1024];
    let mut power = 1;
    let mut i = 0;
    while i < ORDER {
        table[power as usize] = i as u16;
        power = reference::mul(power, ALPHA);
        i += 1;
    }
    table
}

#[inline]
fn raw_log(a: u16) -> usize {
    usize::from(LOG[usize::from(a & 1023)])
}

/// The product `a b`: three table reads, no branch.
///
/// ```
/// use pamlink::fec::gf;
/// assert_eq!(gf::mul(512, gf::ALPHA), 0b1001);
/// assert_eq!(gf::mul(0, 5), 0);
/// ```
#[inline]
#[must_use]
pub fn mul(a: u16, b: u16) -> u16 {
    EXP[(raw_log(a) + raw_log(b)) & 4095]
}

/// `a alpha^exponent` for an exponent up to 1023: two table reads.
#[inline]
pub(crate) fn mul_exp(a: u16, exponent: usize) -> u16 {
    EXP[(raw_log(a) + exponent) & 4095]
}

/// The `b` with `a b = 1`; zero has none.
#[inline]
#[must_use]
pub fn inv(a: u16) -> Option<u16> {
    log(a).map(|l| EXP[ORDER - usize::from(l)])
}

/// `a^exponent`, with `a^0 = 1` for zero too.
#[inline]
#[must_use]
pub fn pow(a: u16, exponent: usize) -> u16 {
    match (log(a), exponent) {
        (_, 0) => 1,
        (None, _) => 0,
        (Some(l), _) => exp(usize::from(l) * (exponent % ORDER)),
    }
}

/// The exponent `i`, 0..=1022, with `alpha^i = a`; zero has none.
#[inline]
#[must_use]
pub fn log(a: u16) -> Option<u16> {
    (a & 1023 != 0).then(|| LOG[usize::from(a & 1023)])
}

/// `alpha^exponent`.
#[inline]
#[must_use]
pub const fn exp(exponent: usize) -> u16 {
    EXP[exponent % ORDER]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_is_that_of_the_definition() {
        for a in 0..1024 {
            for b in 0..1024 {
                assert_eq!(mul(a, b), reference::mul(a, b), "{a} {b}");
            }
        }
    }

    #[test]
    fn inverses_logarithms_and_powers_agree_with_the_definition() {
        assert_eq!((inv(0), log(0), reference::inv(0)), (None, None, None));
        for a in 1..1024 {
            assert_eq!(inv(a), reference::inv(a));
            assert_eq!(exp(usize::from(log(a).unwrap())), a);
        }
        for a in [0, 1, 2, 3, 77, 1023] {
            for e in [0, 1, 2, 5, 1022, 1023, 1024] {
                assert_eq!(pow(a, e), reference::pow(a, e as u32), "{a}^{e}");
            }
        }
        assert_eq!(exp(3 * ORDER + 1), ALPHA);
        for a in 0..1024 {
            assert_eq!(mul_exp(a, 1000), mul(a, exp(1000)));
        }
    }

    #[test]
    fn only_ten_bits_are_read() {
        assert_eq!(mul(0xfc05, 0x0403), mul(5, 3));
        assert_eq!(inv(0x8005), inv(5));
        assert_eq!(log(0x0400), None);
    }
}
