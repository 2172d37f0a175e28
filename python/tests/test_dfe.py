"""`Dfe` against the loop that defines it."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pamlink

FINITE = {"allow_nan": False, "allow_infinity": False, "width": 32}
taps = hnp.arrays(np.float32, st.integers(0, 16), elements=st.floats(-1, 1, **FINITE))
PAM4 = np.array([-3, -1, 1, 3], dtype=np.float32)


def loop(w, levels, thresholds, x):
    """One stream, single precision, in the documented order of operations."""
    d, y = np.zeros(x.size, np.uint8), np.zeros(x.size, np.float32)
    for n in range(x.size):
        c = [w[k] * levels[d[n - 1 - k]] if k < n else np.float32(0) for k in range(w.size)]
        older = np.float32(0)
        for value in c[:0:-1]:
            older = older + value
        y[n] = (x[n] - older) - (c[0] if c else np.float32(0))
        d[n] = np.count_nonzero(y[n] >= thresholds)
    return d, y


def shapes():
    """``[n]`` and ``[lane, n]``, empty ones and both sides of the widths of kernels included."""
    samples = st.integers(0, 130)
    return st.one_of(st.tuples(samples), st.tuples(st.integers(0, 35), samples))


def samples(shape):
    return hnp.arrays(np.float32, shape, elements=st.floats(-5, 5, **FINITE))


@given(st.data(), taps, shapes(), st.sampled_from([None, "baseline", "avx2", "avx512"]))
def test_decisions_and_slicer_inputs_are_those_of_the_loop(data, w, shape, level):
    x = data.draw(samples(shape))
    dfe = pamlink.Dfe(w, level=level)
    d, y = dfe.apply_soft(x)
    assert d.dtype == np.uint8 and y.dtype == np.float32 and d.shape == y.shape == shape
    for row, d_row, y_row in zip(np.atleast_2d(x), np.atleast_2d(d), np.atleast_2d(y), strict=True):
        want_d, want_y = loop(w, PAM4, np.float32([-2, 0, 2]), row)
        assert np.array_equal(d_row, want_d) and np.array_equal(y_row, want_y)
    assert np.array_equal(dfe.apply(x), d)


@given(st.data(), taps, shapes().filter(lambda s: 0 not in s[:-1]))
def test_blocks_give_what_apply_gives(data, w, shape):
    x = data.draw(samples(shape))
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[-1]), max_size=4)))
    dfe = pamlink.Dfe(w)
    d, y = dfe.apply_soft(x)
    blocks = np.split(x, cuts, axis=-1)
    assert np.array_equal(np.concatenate([dfe.process(b) for b in blocks], axis=-1), d)
    dfe.reset()
    parts = [dfe.process_soft(b) for b in blocks]
    assert np.array_equal(np.concatenate([p[0] for p in parts], axis=-1), d)
    assert np.array_equal(np.concatenate([p[1] for p in parts], axis=-1), y)


def test_levels_and_thresholds_can_be_given(noise):
    levels, thresholds = [-1.0, -0.4, 0.3, 1.0], [-0.6, 0.1, 0.7]
    x = noise(200)
    dfe = pamlink.Dfe([0.3], levels=levels, thresholds=thresholds)
    want, _ = loop(np.float32([0.3]), np.float32(levels), np.float32(thresholds), x)
    assert np.array_equal(dfe.apply(x), want)
    assert np.array_equal(dfe.levels, np.float32(levels))
    assert np.array_equal(dfe.thresholds, np.float32(thresholds))
    midway = pamlink.Dfe([], levels=[0, 1, 3, 4]).thresholds
    assert np.array_equal(midway, [0.5, 2.0, 3.5])


def test_a_stream_keeps_its_lanes(noise):
    dfe, x = pamlink.Dfe([0.5, 0.1]), noise(2, 8)
    dfe.process(x)
    for other in [(3, 8), (8,)]:
        with pytest.raises(pamlink.ShapeError, match="of the stream"):
            dfe.process(noise(*other))
    both = np.concatenate([x, x], axis=1)
    assert np.array_equal(dfe.process(x), pamlink.Dfe([0.5, 0.1]).apply(both)[:, 8:])


def test_a_stream_of_no_lanes_is_an_error_and_begins_nothing():
    dfe = pamlink.Dfe([0.5])
    with pytest.raises(pamlink.ConfigError, match="streams"):
        dfe.process(np.zeros((0, 4), np.float32))
    assert dfe.process(np.zeros(4, np.float32)).shape == (4,)


def test_nan_stays_in_its_lane(noise):
    x = noise(20, 60)
    clean = pamlink.Dfe([0.5]).apply(x)
    x[7, 30] = np.nan
    d = pamlink.Dfe([0.5]).apply(x)
    assert d[7, 30] == 0
    others = np.arange(20) != 7
    assert np.array_equal(d[others], clean[others])


def test_repr_and_attributes():
    dfe = pamlink.Dfe((0.5, 0.25), level="baseline")
    assert repr(dfe) == "Dfe(2 taps, levels=[-3.0, -1.0, 1.0, 3.0])"
    assert repr(pamlink.Dfe([0.5])).startswith("Dfe(1 tap, ")
    assert dfe.taps.tolist() == [0.5, 0.25] and dfe.level == "baseline"
