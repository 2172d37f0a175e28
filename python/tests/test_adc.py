"""The converter against arithmetic done by NumPy."""

import pickle

import numpy as np
import pytest

import pamlink


def test_slices_and_quantizer_are_the_equation(noise):
    slices, bits, scale = 5, 6, 1.5
    offset = np.linspace(-0.05, 0.05, slices)
    gain = np.linspace(-0.02, 0.03, slices)
    skew = np.linspace(0.01, -0.02, slices)
    x, slope = 0.5 * noise(1000), noise(1000)
    adc = pamlink.frontend.Adc(
        slices=slices, bits=bits, full_scale=scale, offset=offset, gain=gain, skew_ui=skew
    )
    y = np.concatenate(
        [
            adc.process(x[:333], slope=slope[:333]),
            adc.process(x[333:], slope=slope[333:]),
        ]
    )
    s = np.arange(1000) % slices
    analog = (1 + gain[s]) * (x + skew[s] * slope) + offset[s]
    step = 2 * scale / 2**bits
    codes = np.clip(np.floor(analog / step), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    # Single precision may put a sample on the other side of a step's edge.
    edge = np.abs(analog / step - np.round(analog / step)) < 1e-4
    np.testing.assert_allclose(y[~edge], ((codes + 0.5) * step)[~edge], atol=1e-6)
    assert edge.sum() < 5
    assert adc.samples == 1000
    assert adc.clipped == (np.abs(analog) > scale).sum()


def test_effective_bits_of_an_ideal_and_of_a_noisy_converter():
    assert pamlink.frontend.Adc(bits=6).enob(amplitude=0.99)["enob"] == pytest.approx(6, abs=0.1)
    # Noise of one step: step^2 (1/12 + 1), 1.85 bits less.
    noisy = pamlink.frontend.Adc(bits=6, thermal_sigma=2 / 2**6)
    report = noisy.enob(amplitude=0.8)
    assert report["enob"] == pytest.approx(6 - 0.5 * np.log2(13), abs=0.03)
    assert report["slice_enob"].shape == (32,)
    # Skew of the slices, drawn: sigma w / sqrt(2) of error for an amplitude of one near Nyquist.
    skewed = pamlink.frontend.Adc(slices=64, bits=0, skew_ui=0.01, seed=3)
    rms = np.sqrt(
        np.mean((skewed.mismatches["skew_ui"] - np.mean(skewed.mismatches["skew_ui"])) ** 2)
    )
    found = skewed.enob(amplitude=1.0)
    assert found["sinad_db"] == pytest.approx(-20 * np.log10(rms * 2 * np.pi * 0.49), abs=0.3)


def test_streams_settings_and_pickles(noise):
    adc = pamlink.frontend.Adc(slices=3, bits=8, offset=0.01, thermal_sigma=0.01, seed=5)
    x = 0.3 * noise(100)
    y = adc.process(x)
    adc.reset()
    np.testing.assert_array_equal(adc.process(x), y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(adc)).process(x), y)
    out = np.empty_like(x)
    assert adc.process(x, out=out) is out
    with pytest.raises(pamlink.ShapeError, match="adc offset"):
        pamlink.frontend.Adc(slices=3, offset=[0.0, 0.1])
    with pytest.raises(pamlink.ShapeError, match="adc slope"):
        pamlink.frontend.Adc(skew_ui=0.01).process(x)
    with pytest.raises(pamlink.ShapeError, match="lanes"):
        adc.process(x.reshape(2, 50))
    for settings, message in [
        ({"slices": 0}, "slices is 0"),
        ({"full_scale": 0.0}, "full_scale"),
        ({"thermal_sigma": -1.0}, "adc thermal_sigma is -1"),
    ]:
        with pytest.raises(pamlink.ConfigError, match=message):
            pamlink.frontend.Adc(**settings)
