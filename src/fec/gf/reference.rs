//! The field by its definition: products of polynomials, remainders by the field's polynomial.

use super::{ORDER, POLYNOMIAL};

/// Product of two elements: the polynomials multiplied over GF(2), then reduced from the top.
#[must_use]
pub const fn mul(a: u16, b: u16) -> u16 {
    let (a, b) = ((a & 1023) as u32, (b & 1023) as u32);
    let mut product = 0;
    let mut bit = 0;
    while bit < 10 {
        if b >> bit & 1 == 1 {
            product ^= a << bit;
        }
        bit += 1;
    }
    let mut power = 18;
    while power >= 10 {
        if product >> power & 1 == 1 {
            product ^= (POLYNOMIAL as u32) << (power - 10);
        }
        power -= 1;
    }
    product as u16
}

/// `a` multiplied by itself `exponent` times; `a^0 = 1`.
#[must_use]
pub fn pow(a: u16, exponent: u32) -> u16 {
    (0..exponent).fold(1, |product, _| mul(product, a))
}

/// The inverse of `a` by Fermat: `a^1022`; zero has none.
#[must_use]
pub fn inv(a: u16) -> Option<u16> {
    (a & 1023 != 0).then(|| pow(a, ORDER as u32 - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_worked_by_hand() {
        // x^9 x = x^10 = x^3 + 1; (x^9)^2 = x^18 = x^8 (x^3 + 1) = x^11 + x^8 = x^8 + x^4 + x.
        assert_eq!(mul(0x200, 2), 0b1001);
        assert_eq!(mul(0x200, 0x200), 0b1_0001_0010);
        assert_eq!(mul(0, 1023), 0);
        // (x + 1)^2 has no middle term.
        assert_eq!(mul(3, 3), 5);
    }

    #[test]
    fn alpha_generates_the_field() {
        let mut seen = [false; 1024];
        let mut power = 1;
        for _ in 0..1023 {
            assert!(!seen[usize::from(power)]);
            seen[usize::from(power)] = true;
            power = mul(power, 2);
        }
        assert_eq!(power, 1);
        assert!(!seen[0]);
    }
}
