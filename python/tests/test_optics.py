"""Modulators against their equations."""

import pickle

import numpy as np
import pytest

import pamlink

V = np.linspace(-1.5, 1.5, 301)


def mzm_power(v, v_pi=4.0, bias=90.0, extinction_db=30.0):
    e = 10 ** (-extinction_db / 10)
    psi = np.pi * v / v_pi + np.radians(bias) - np.pi
    return ((1 + e) + (1 - e) * np.cos(psi)) / 2


def eml_power(v, v0=1.8, order=2.5, bias=1.3):
    return np.exp(-((np.maximum(bias - v, 0) / v0) ** order))


CASES = [
    (pamlink.optics.Mzm(max_power_w=1.0), mzm_power(V)),
    (
        pamlink.optics.Mzm(v_pi_v=3, bias_deg=80, static_extinction_db=20, max_power_w=1),
        mzm_power(V, 3, 80, 20),
    ),
    (pamlink.optics.Eml(max_power_w=1.0), eml_power(V)),
    (
        pamlink.optics.Eml(v0_v=2, order=3, reverse_bias_v=1, max_power_w=1),
        eml_power(V, 2, 3, 1),
    ),
]


@pytest.mark.parametrize(("modulator", "expected"), CASES)
def test_the_curve_is_the_equation(modulator, expected):
    got = modulator.power(V.astype(np.float32))
    assert got.dtype == np.float32
    # The documented error of the lanes, and the rounding of the drive (slope below 1 per V).
    np.testing.assert_allclose(got, expected, atol=3e-6)
    scalar = [modulator.power_at(v) for v in V]
    np.testing.assert_allclose(scalar, expected, rtol=1e-12)
    slopes = [modulator.slope_at(v) for v in V[1:-1]]
    # Central differences of a curve whose third derivative is of the order of one.
    np.testing.assert_allclose(slopes, np.gradient(expected, V)[1:-1], atol=1e-3)


@pytest.mark.parametrize(("modulator", "expected"), CASES)
def test_levels_follow_from_the_curve(modulator, expected):
    powers = modulator.levels(2.0)
    np.testing.assert_allclose(powers, np.interp([-1, -1 / 3, 1 / 3, 1], V, expected), atol=1e-4)
    mid = (powers[0] + powers[3]) / 2
    es = (powers[1:3] - mid) / (powers[[0, 3]] - mid)
    assert modulator.r_lm(2.0) == pytest.approx(min(*(3 * es), *(2 - 3 * es)))
    assert modulator.oma_w(2.0) == pytest.approx(powers[3] - powers[0])
    extinction = 10 * np.log10(powers[3] / powers[0])
    assert modulator.extinction_ratio_db(2.0) == pytest.approx(extinction)


def test_lanes_out_and_pickles():
    mzm = pamlink.optics.Mzm(oma_w=1e-3, drive_vpp=2.0, chirp=0.2)
    v = np.array([[-1.0, 1.0], [0.0, 0.5]], dtype=np.float32)
    out = np.empty_like(v)
    assert mzm.power(v, out=out) is out
    np.testing.assert_array_equal(out[1], mzm.power(v[1]))
    assert out[0, 1] - out[0, 0] == pytest.approx(1e-3, rel=1e-5)
    again = pickle.loads(pickle.dumps(mzm))
    assert (again.chirp, again.v_pi_v) == (0.2, 4.0)
    np.testing.assert_array_equal(again.power(v), out)


def test_settings_that_do_not_fit_are_named():
    for settings, message in [
        ({"v_pi_v": 0}, "v_pi_v is 0"),
        ({"bias_deg": 200}, "bias_deg is 200"),
        ({"oma_w": 1e-3}, "power is one of oma_w and drive_vpp"),
        ({"max_power_w": 1e-3, "oma_w": 1e-3, "drive_vpp": 1}, "power is max_power_w beside"),
        ({"level": "sse9"}, 'level is "sse9"'),
    ]:
        with pytest.raises(pamlink.ConfigError, match=message):
            pamlink.optics.Mzm(**settings)
    with pytest.raises(pamlink.ConfigError, match="order is 9"):
        pamlink.optics.Eml(order=9)
    with pytest.raises(TypeError, match=r"astype\(np.float32\)"):
        pamlink.optics.Eml().power(V)
