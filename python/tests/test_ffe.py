"""`Ffe` against `numpy.convolve` in double precision."""

from fractions import Fraction

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pamlink

FINITE = {"allow_nan": False, "allow_infinity": False, "width": 32}
taps = hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(-2, 2, **FINITE))


def shapes():
    """``[n]`` and ``[lane, n]``, empty ones and both sides of the widths of kernels included."""
    samples = st.integers(0, 130)
    return st.one_of(st.tuples(samples), st.tuples(st.integers(0, 35), samples))


def samples(shape):
    return hnp.arrays(np.float32, shape, elements=st.floats(-8, 8, **FINITE))


def expected(w, precursors, x):
    """The exact sum and the bound of the error that the documentation gives."""
    w = w.astype(np.float64)

    def row(w, x):
        if x.size == 0:
            return x
        return np.convolve(x, w)[precursors : precursors + x.size]

    rows = np.atleast_2d(x).astype(np.float64)
    y = np.array([row(w, r) for r in rows]).reshape(x.shape)
    size = np.array([row(abs(w), abs(r)) for r in rows]).reshape(x.shape)
    # Rounding of each of the products and sums, half an ulp of single precision each; below the
    # smallest normal number the error is absolute.
    return y, (w.size + 1) * (2.0**-24 * size + 2.0**-149)


@given(st.data(), taps, shapes(), st.sampled_from([None, "baseline", "avx2", "avx512"]))
def test_apply_is_the_convolution(data, w, shape, level):
    precursors = data.draw(st.integers(0, w.size - 1))
    x = data.draw(samples(shape))
    y = pamlink.Ffe(w, precursors=precursors, level=level).apply(x)
    exact, bound = expected(w, precursors, x)
    assert y.dtype == np.float32 and y.shape == shape
    assert np.all(abs(y - exact) <= bound)


@given(st.data(), taps, shapes())
def test_blocks_and_flush_give_what_apply_gives(data, w, shape):
    precursors = data.draw(st.integers(0, w.size - 1))
    x = data.draw(samples(shape))
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[-1]), max_size=4)))
    ffe = pamlink.Ffe(w, precursors=precursors)
    for _ in range(2):  # the second stream begins as the first did
        parts = [ffe.process(block) for block in np.split(x, cuts, axis=-1)]
        y = np.concatenate([*parts, ffe.flush()], axis=-1)
        assert np.array_equal(y[..., precursors:], ffe.apply(x))


def test_reset_begins_again(noise):
    ffe, x = pamlink.Ffe([0.25, 1.0, -0.5], precursors=1), noise(50)
    first = ffe.process(x)
    assert not np.array_equal(ffe.process(x), first)
    ffe.reset()
    assert np.array_equal(ffe.process(x), first)
    ffe.reset()
    assert ffe.process(noise(3, 50)).shape == (3, 50)


@pytest.mark.parametrize("other", [(3, 8), (8,), (1, 8)])
def test_a_stream_keeps_its_lanes(noise, other):
    ffe, x = pamlink.Ffe([1.0, 0.5]), noise(2, 8)
    ffe.process(x)
    with pytest.raises(pamlink.ShapeError, match="of the stream"):
        ffe.process(noise(*other))
    # The error has not touched the stream.
    both = np.concatenate([x, x], axis=1)
    assert np.array_equal(ffe.process(x), pamlink.Ffe([1.0, 0.5]).apply(both)[:, 8:])


def test_flush_without_a_stream_is_zeros():
    ffe = pamlink.Ffe([1, 2, 3], precursors=2)
    assert np.array_equal(ffe.flush(), np.zeros(2))
    with pytest.raises(pamlink.ShapeError):
        ffe.flush(out=np.zeros(3, np.float32))
    assert ffe.process(np.ones((2, 3), np.float32)).shape == (2, 3)


def test_lanes_of_a_longer_array_are_taken_as_they_are(noise):
    x, ffe = noise(4, 100), pamlink.Ffe([0.5, 1.0], precursors=1)
    part = x[1:3, 10:60]
    assert not part.flags.c_contiguous
    assert np.array_equal(ffe.apply(part), ffe.apply(part.copy()))
    out = np.zeros_like(x)
    ffe.apply(part, out=out[1:3, 10:60])
    assert np.array_equal(out[1:3, 10:60], ffe.apply(part.copy()))
    assert np.count_nonzero(out) == 100


def test_nan_stays_in_its_lane_and_reach(noise):
    x = noise(3, 40)
    clean = pamlink.Ffe([1.0, 0.5]).apply(x)
    x[1, 20] = np.nan
    y = pamlink.Ffe([1.0, 0.5]).apply(x)
    assert np.array_equal(np.argwhere(np.isnan(y)), [[1, 20], [1, 21]])
    assert np.array_equal(y[~np.isnan(y)], clean[~np.isnan(y)])


def test_settings_are_lenient_and_shown():
    for given_taps in ([1, 2], (1.0, 2.0), np.array([1, 2]), np.array([1.0, 9.0, 2.0])[::2]):
        ffe = pamlink.Ffe(given_taps, precursors=np.int64(1))
        assert ffe.taps.dtype == np.float32 and np.array_equal(ffe.taps, [1, 2])
    assert ffe.precursors == 1
    assert repr(ffe) == "Ffe(2 taps, precursors=1)"
    assert repr(pamlink.Ffe([1])) == "Ffe(1 tap, precursors=0)"
    assert pamlink.Ffe([Fraction(1, 2), True]).taps.tolist() == [0.5, 1]
    assert pamlink.Ffe([1], level="baseline").level == "baseline"
    ffe.taps[0] = 9  # a copy
    assert ffe.taps[0] == 1
    with pytest.raises(AttributeError):
        ffe.precursors = 0
