"""Clock recovery: the loop against its equation, its model and a signal it has to follow."""

import pickle

import numpy as np
import pytest

import pamlink

LEVELS = np.array([-3.0, -1.0, 1.0, 3.0])


def pulse(t):
    """A raised cosine of four unit intervals."""
    return np.where(np.abs(t) < 2, 0.5 + 0.5 * np.cos(np.pi * t / 2), 0.0)


class Signal:
    """PAM4 of a raised cosine whose clock differs by some ppm."""

    def __init__(self, lanes, symbols, ppm=0.0, seed=1):
        self.sent = (
            np.random.default_rng(seed).integers(0, 4, (lanes, symbols + 16)).astype(np.uint8)
        )
        self.ppm = ppm

    def block(self, n, size, phase):
        k = np.arange(size) + n * size
        t = (k + np.asarray(phase)[:, None]) * (1 - 1e-6 * self.ppm)
        near = np.round(t).astype(int)
        x = np.zeros(t.shape)
        for j in range(-3, 4):
            at = np.clip(near + j + 8, 0, self.sent.shape[1] - 1)
            x += LEVELS[np.take_along_axis(self.sent, at, axis=1)] * pulse(t - near - j)
        decided = np.take_along_axis(self.sent, np.clip(near + 8, 0, None), axis=1)
        return x.astype(np.float32), decided


def test_one_block_moves_the_phase_by_the_equation(noise):
    p = 32
    cdr = pamlink.cdr.Cdr(
        block=p, extra_latency_blocks=0, phase_steps=0, probe_ui=0, bandwidth_hz=10e6
    )
    x, rng = noise(2, p), np.random.default_rng(2)
    d = rng.integers(0, 4, (2, p)).astype(np.uint8)
    phases = [cdr.update(row, s)[0] for row, s in zip(x, d, strict=True)]
    z, a = np.concatenate(x).astype(float), LEVELS[np.concatenate(d)]
    e = np.zeros(2 * p)
    e[1:] = (a[:-1] * z[1:] - a[1:] * z[:-1]) / 5  # variance of the levels
    means = e.reshape(2, p).mean(axis=1)
    # The first move holds both gains, the second tells them apart:
    # phi1 = (kp + P ki) E1; phi2 = phi1 + kp E2 + P ki (E1 + E2).
    both = phases[0] / means[0]
    integral = (phases[1] - phases[0] - both * means[1]) / means[0]
    assert 0 < integral < both
    # Damping 4: b = (a / 8)^2, a and b the dimensionless gains.
    assert integral == pytest.approx(((both - integral) / 8) ** 2, rel=1e-3)


@pytest.mark.parametrize("ppm", [-150.0, 0.0, 150.0])
def test_lanes_follow_a_clock_that_is_off(ppm):
    blocks, size = 12_000, 64
    signal = Signal(2, blocks * size + 64 + 12_000, ppm)
    cdr = pamlink.cdr.Cdr(lanes=2, bandwidth_hz=10e6, initial_phase_ui=0.2)
    phase = cdr.phase_ui
    for n in range(blocks):
        phase = cdr.update(*signal.block(n, size, phase))
    assert [r["locked"] for r in cdr.lock()] == [True, True], cdr.lock()
    np.testing.assert_allclose(cdr.frequency_ppm, ppm, atol=10)
    # The phase that keeps the samples on the tops, interpolator and probe aside.
    want = blocks * size * (1 / (1 - 1e-6 * ppm) - 1)
    np.testing.assert_allclose(phase, want, atol=0.06)
    assert all(r["slips"] == 0 for r in cdr.lock())


def test_noise_is_never_lock():
    cdr = pamlink.cdr.Cdr(block=64)
    rng = np.random.default_rng(4)
    for _ in range(5000):
        x = rng.standard_normal(64).astype(np.float32)
        cdr.update(x, rng.integers(0, 4, 64).astype(np.uint8))
    (report,) = cdr.lock()
    assert not report["locked"]
    assert report["reason"]


def test_the_model_is_three_decibels_down_at_its_bandwidth():
    cdr = pamlink.cdr.Cdr(bandwidth_hz=4e6, peaking_db=0.2)
    assert cdr.bandwidth_hz == pytest.approx(4e6, rel=1e-4)
    assert cdr.peaking_db == pytest.approx(0.2, abs=1e-3)
    low, corner = 20 * np.log10(np.abs(cdr.transfer([1e2, 4e6])))
    assert abs(low) < 1e-3 and corner == pytest.approx(-3.0103, abs=0.01)


def test_settings_arrays_and_pickles():
    for settings, message in [
        ({"detector": "early_late"}, 'detector is "early_late", must be one of'),
        ({"bandwidth_hz": 4e8}, "bandwidth_hz is 4e8, must lie between"),
        ({"block": 0}, "block is 0"),
        ({"levels": [0, 1, 1, 2]}, "levels"),
        ({"lanes": 0}, "lanes is 0"),
    ]:
        with pytest.raises(pamlink.ConfigError, match=message):
            pamlink.cdr.Cdr(**settings)
    cdr = pamlink.cdr.Cdr(lanes=2, detector="alexander", block=16, bandwidth_hz=5e6)
    x, d = np.zeros((2, 16), dtype=np.float32), np.zeros((2, 16), dtype=np.uint8)
    with pytest.raises(ValueError, match="edges are missing"):
        cdr.update(x, d)
    with pytest.raises(pamlink.ShapeError, match="lanes"):
        cdr.update(x[0], d[0], edges=x[0])
    with pytest.raises(pamlink.ShapeError, match="symbols"):
        cdr.update(x[:, :8], d[:, :8], edges=x[:, :8])
    with pytest.raises(pamlink.ConfigError, match="decided"):
        cdr.update(x, d + 4, edges=x)
    again = pickle.loads(pickle.dumps(cdr))
    assert (again.lanes, again.detector, again.block) == (2, "alexander", 16)
    np.testing.assert_array_equal(again.update(x, d, edges=x), cdr.update(x, d, edges=x))
