"""Patterns against shift registers in Python and the digest of the published sequence."""

import hashlib

import numpy as np
import pytest

from pamlink import ConfigError, pattern

# Exponents of the feedback polynomials (ITU-T O.150; order 13: IEEE 802.3 clause 94.3.10.8).
TAPS = {7: (6,), 9: (5,), 11: (9,), 13: (12, 2, 1), 15: (14,), 23: (18,), 31: (28,)}


def shift_register(order, n, seed):
    """``b[i] = b[i - order] ^ b[i - m] ^ …``; the seed is what lies before, bit 0 the newest."""
    bits = [seed >> k & 1 for k in reversed(range(order))]
    for _ in range(n):
        new = bits[-order]
        for m in TAPS[order]:
            new ^= bits[-m]
        bits.append(new)
    return np.array(bits[order:], np.uint8)


@pytest.mark.parametrize("order", TAPS)
def test_prbs_is_its_shift_register(order):
    ones = 2**order - 1
    for n in (0, 1, 63, 64, 65, 5000):
        bits = pattern.prbs(order, n)
        assert bits.dtype == np.uint8 and np.array_equal(bits, shift_register(order, n, ones))
    seed = 0x2A % ones
    assert np.array_equal(pattern.prbs(order, 999, seed=seed), shift_register(order, 999, seed))


def gray(bits):
    """Pairs 00, 01, 11, 10 are levels 0, 1, 2, 3; the first bit is the more significant."""
    first, second = bits.reshape(-1, 2).T
    return 2 * first + (first ^ second)


def test_prbs13q_and_prbs31q_are_gray_coded_sequences():
    # Seed of clause 120.5.11.2.1, S0 the newest.
    bits = pattern.prbs(13, 2 * 9000, seed=0b1_1010_1010_0000)
    assert np.array_equal(pattern.prbs13q(9000), gray(bits))
    bits = 1 - pattern.prbs(31, 2 * 9000)
    assert np.array_equal(pattern.prbs31q(9000), gray(bits))


def test_prbs13q_repeats_after_8191_symbols():
    symbols = pattern.prbs13q(3 * 8191)
    assert np.array_equal(symbols[:8191], symbols[8191:16382])
    assert symbols.dtype == np.uint8


def test_ssprq_is_the_published_sequence():
    symbols = pattern.ssprq()
    assert symbols.shape == (65_535,)
    digest = hashlib.sha256(symbols.tobytes()).hexdigest()
    assert digest == "f17f5effb8e68863e5355258186456e1c3b3c48b5519c1a0c46dac855fae3582"


def test_unfit_numbers_are_named():
    with pytest.raises(ConfigError, match='order is "8", must be one of 7, 9'):
        pattern.prbs(8, 10)
    with pytest.raises(ConfigError, match="seed is 0, must lie between 1 and 127"):
        pattern.prbs(7, 10, seed=0)
    with pytest.raises(ConfigError, match="seed is 128, must lie between 1 and 127"):
        pattern.prbs(7, 10, seed=128)
    with pytest.raises(ConfigError, match=r"n is -1, must lie between 0 and 9\.2\d*e18"):
        pattern.prbs13q(-1)
    with pytest.raises(ConfigError, match=r"n is 1\.18\d*e21, must lie between 0 and 9\.2\d*e18"):
        pattern.prbs13q(2**70)
    with pytest.raises(TypeError, match="n is 2.5, must be a whole number"):
        pattern.prbs31q(2.5)
    with pytest.raises(MemoryError):
        pattern.prbs13q(1 << 60)
