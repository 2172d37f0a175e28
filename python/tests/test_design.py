"""`design.mmse` against the linear system of its definition, and against a simulation."""

import numpy as np
import pytest

import pamlink
from pamlink.design import mmse

PULSE = np.array([-0.02, 0.12, 1.0, 0.43, 0.17, -0.08, 0.03])
LEVELS = np.array([-3, -1, 1, 3], dtype=np.float32)


def oracle(pulse, ffe_taps, precursors, dfe_taps, noise, variance):
    """Lagrange system of the least error variance under a main cursor of one."""
    cursor = int(np.argmax(abs(pulse)))
    # q[m] = sum_k w[k] pulse[cursor + m + p - k]: one row for each m.
    first = -cursor - precursors
    rows = np.array([np.convolve(np.eye(ffe_taps)[k], pulse) for k in range(ffe_taps)]).T
    m = first + np.arange(rows.shape[0])
    main = rows[m == 0][0]
    left = rows[(m < 0) | (m > dfe_taps)]
    lag = abs(np.subtract.outer(np.arange(ffe_taps), np.arange(ffe_taps)))
    error = np.asarray(noise)[lag] + variance * left.T @ left
    system = np.block([[2 * error, main[:, None]], [main[None, :], np.zeros((1, 1))]])
    w = np.linalg.solve(system, np.append(np.zeros(ffe_taps), 1.0))[:ffe_taps]
    feedback = (rows @ w)[(m > 0) & (m <= dfe_taps)]
    return w, feedback, 10 * np.log10(variance / (w @ error @ w))


@pytest.mark.parametrize(
    ("ffe_taps", "precursors", "dfe_taps"), [(1, 0, 0), (5, 2, 0), (7, 2, 1), (12, 4, 3)]
)
@pytest.mark.parametrize("levels", [(-3, -1, 1, 3), (-1, -0.3, 0.3, 1)])
def test_taps_solve_the_lagrange_system(ffe_taps, precursors, dfe_taps, levels):
    counts = {"ffe_taps": ffe_taps, "precursors": precursors, "dfe_taps": dfe_taps}
    white = np.append(0.15**2, np.zeros(ffe_taps))
    coloured = 0.15**2 * 0.6 ** np.arange(ffe_taps + 3)
    answers = [
        (mmse(PULSE, **counts, noise_sigma=0.15, levels=levels), white),
        (mmse(PULSE, **counts, noise_autocorrelation=coloured, levels=levels), coloured),
    ]
    for design, noise in answers:
        w, feedback, snr_db = oracle(PULSE, noise=noise, variance=np.var(levels), **counts)
        # Two direct solvers in double precision, condition far below 1e4.
        assert np.allclose(design.ffe, w, rtol=0, atol=1e-11)
        assert np.allclose(design.dfe, feedback, rtol=0, atol=1e-11)
        assert abs(design.snr_db - snr_db) < 1e-9
        assert design.dfe.shape == (dfe_taps,) and design.precursors == precursors
        assert abs(design.cursor - 1) < 1e-12
        assert (
            abs(design.snr - np.var(levels) / (design.isi_variance + design.noise_variance))
            < 1e-9 * design.snr
        )
        assert abs(design.snr_db - 10 * np.log10(design.snr)) < 1e-12


def test_the_designed_snr_is_found_at_the_slicer():
    rng = np.random.default_rng(3)
    sigma, n = 0.15, 200_000
    design = mmse(PULSE, ffe_taps=11, precursors=4, dfe_taps=1, noise_sigma=sigma)
    sent = pamlink.pattern.prbs31q(n)
    x = np.convolve(LEVELS[sent], PULSE)[2 : 2 + n] + rng.normal(0, sigma, n)
    equalized = pamlink.Ffe(design.ffe, precursors=design.precursors).apply(x.astype(np.float32))
    symbols, y = pamlink.Dfe(design.dfe).apply_soft(equalized)
    right = np.array(symbols == sent)
    right[1:] &= right[:-1]  # after a wrong decision the feedback is wrong too
    error = (y - LEVELS[sent])[right][100:-100]
    snr_db = 10 * np.log10(5 / np.mean(error**2))
    # 200 000 squared errors: a standard deviation of 10 log10(e) sqrt(2/n) = 0.014 dB.
    assert abs(snr_db - design.snr_db) < 0.06
    assert np.count_nonzero(symbols != sent) / n < 2e-4


@pytest.mark.parametrize(
    "limits", [0.25, (-0.25, 0.25), [(-0.25, 0.25), (-0.25, 0.25)], np.array([[-0.25, 0.25]] * 2)]
)
def test_feedback_limits_in_every_form(limits):
    counts = {"ffe_taps": 6, "precursors": 2, "dfe_taps": 2, "noise_sigma": 0.1}
    free = mmse(PULSE, **counts)
    held = mmse(PULSE, **counts, dfe_limits=limits)
    assert free.dfe[0] > 0.3
    assert held.dfe[0] == pytest.approx(0.25, abs=1e-12) and abs(held.dfe[1]) <= 0.25
    assert held.snr_db < free.snr_db


def test_feed_forward_limits_are_relative_to_the_main_tap():
    counts = {"ffe_taps": 6, "precursors": 2, "noise_sigma": 0.1}
    free, held = mmse(PULSE, **counts), mmse(PULSE, **counts, ffe_limits=0.2)
    relative = np.delete(held.ffe / held.ffe[2], 2)
    assert np.max(abs(np.delete(free.ffe / free.ffe[2], 2))) > 0.3
    assert np.max(abs(relative)) == pytest.approx(0.2, abs=1e-12)
    each = [(-1, 1)] * 6
    each[3] = (-0.1, 0.1)
    relative = mmse(PULSE, **counts, ffe_limits=each).ffe
    assert abs(relative[3] / relative[2]) == pytest.approx(0.1, abs=1e-12)


def test_the_cursor_can_be_given():
    counts = {"ffe_taps": 4, "precursors": 1, "noise_sigma": 0.1}
    assert mmse(-PULSE, **counts).snr_db == pytest.approx(mmse(PULSE, **counts, cursor=2).snr_db)
    assert mmse(PULSE, **counts, cursor=3).snr_db < mmse(PULSE, **counts).snr_db


def test_unfit_settings_are_named():
    with pytest.raises(TypeError, match="one of noise_sigma and noise_autocorrelation"):
        mmse(PULSE, ffe_taps=3)
    with pytest.raises(TypeError, match="one of noise_sigma and noise_autocorrelation"):
        mmse(PULSE, ffe_taps=3, noise_sigma=0.1, noise_autocorrelation=[0.01, 0, 0])
    with pytest.raises(pamlink.ShapeError) as caught:
        mmse(PULSE, ffe_taps=3, noise_autocorrelation=[0.01])
    assert (caught.value.expected, caught.value.got) == (3, 1)
    with pytest.raises(pamlink.ConfigError, match="ffe_taps is 2000, must lie between 1 and 1024"):
        mmse(PULSE, ffe_taps=2000, noise_sigma=0.1)
    with pytest.raises(pamlink.ConfigError, match="ffe_taps is 1e30, must lie between 1 and 1024"):
        mmse(PULSE, ffe_taps=10**30, noise_sigma=0.1)
    with pytest.raises(pamlink.ConfigError, match="dfe_taps is 65, must lie between 0 and 64"):
        mmse(PULSE, ffe_taps=3, dfe_taps=65, noise_sigma=0.1)
    with pytest.raises(pamlink.ConfigError, match="precursors is 3, must lie between 0 and 2"):
        mmse(PULSE, ffe_taps=3, precursors=3, noise_sigma=0.1)
    with pytest.raises(pamlink.ConfigError, match="noise_sigma is -1, must lie between 0"):
        mmse(PULSE, ffe_taps=3, noise_sigma=-1)
    with pytest.raises(pamlink.ConfigError, match="cursor is 9, must lie between 0 and 6"):
        mmse(PULSE, ffe_taps=3, noise_sigma=0.1, cursor=9)
    with pytest.raises(pamlink.ShapeError, match="dfe_limits has length 3, must be 2"):
        mmse(PULSE, ffe_taps=3, dfe_taps=2, noise_sigma=0.1, dfe_limits=[(0, 1)] * 3)
    with pytest.raises(TypeError, match="dfe_limits is wide, must be a number, a pair"):
        mmse(PULSE, ffe_taps=3, dfe_taps=2, noise_sigma=0.1, dfe_limits="wide")
    with pytest.raises(TypeError, match="dfe_limits is .*, must be a number, a pair"):
        mmse(PULSE, ffe_taps=3, dfe_taps=2, noise_sigma=0.1, dfe_limits=("-1", "1"))


def test_repr():
    design = mmse([1.0], ffe_taps=1, noise_sigma=1.0, levels=[-3, -1, 1, 3])
    assert repr(design) == "Design(1 ffe tap, 0 dfe taps, snr_db=6.99)"  # 10 log10(5)
