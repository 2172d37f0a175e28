"""`Mlse` against every sequence there is, and against the Viterbi algorithm in double precision."""

import itertools

import numpy as np
import pytest

import pamlink

PAM4 = np.array([-3.0, -1.0, 1.0, 3.0])
RESPONSES = {4: [1.0, 0.5], 16: [1.0, 0.6, -0.2]}


def received(h, n, sigma, seed=1):
    """Sent symbols and what arrives; the first symbols have a history too."""
    rng = np.random.default_rng(seed)
    history = len(h) - 1
    sent = rng.integers(0, 4, n + history)
    x = np.convolve(PAM4[sent], h)[history : history + n] + rng.normal(0, sigma, n)
    return sent[history:].astype(np.uint8), x.astype(np.float32)


def distances(h, x):
    """Every sequence of symbols with its history, and its squared distance from the samples."""
    history = len(h) - 1
    words = np.array(list(itertools.product(range(4), repeat=x.size + history)))
    levels = PAM4[words]
    ideal = sum(h[k] * levels[:, history - k : levels.shape[1] - k] for k in range(len(h)))
    return words[:, history:], np.sum((x.astype(float) - ideal) ** 2, axis=1)


def viterbi(h, x):
    """Traceback over the whole record, history unknown."""
    states = list(itertools.product(range(4), repeat=len(h) - 1))  # newest symbol first
    index = {s: i for i, s in enumerate(states)}
    metric, choices = np.zeros(len(states)), []
    for sample in x.astype(float):
        best, origin = np.full(len(states), np.inf), np.zeros(len(states), int)
        for i, s in enumerate(states):
            past = sum(h[k + 1] * PAM4[s[k]] for k in range(len(s)))
            for d in range(4):
                to = index[(d, *s)[: len(s)]]
                m = metric[i] + (sample - h[0] * PAM4[d] - past) ** 2
                if m < best[to]:
                    best[to], origin[to] = m, i
        metric = best
        choices.append(origin)
    state, symbols = int(np.argmin(metric)), []
    for origin in reversed(choices):
        symbols.append(states[state][0])
        state = origin[state]
    return np.array(symbols[::-1], np.uint8)


# A branch metric is a sum of three integers, each rounded by half a unit, and of products whose
# coefficients are rounded by half a unit too; a unit is below 0.06 for these responses and levels.
BRANCH = 2.5 * 0.06


@pytest.mark.parametrize("states", RESPONSES)
@pytest.mark.parametrize("sigma", [0.0, 0.6, 1.2])
def test_no_sequence_is_likelier_and_ratios_are_differences_of_distances(states, sigma):
    h, n = RESPONSES[states], 5
    mlse = pamlink.Mlse(h)
    assert mlse.states == states
    x = np.stack([received(h, n, sigma, seed)[1] for seed in range(8)])
    llr = mlse.soft(x, sigma=0.7)
    assert llr.dtype == np.float32 and llr.shape == (8, n, 2)
    for row, d, ratios in zip(x, mlse.apply(x), llr, strict=True):
        words, distance = distances(h, row)
        own = distance[np.all(words == d, axis=1)].min()
        assert own <= distance.min() + 2 * n * BRANCH
        bits = np.stack([words >> 1, (words >> 1) ^ (words & 1)], axis=-1)  # Gray pairs
        for k, b in itertools.product(range(n), range(2)):
            one = distance[bits[:, k, b] == 1].min() - distance[bits[:, k, b] == 0].min()
            assert abs(ratios[k, b] - one / (2 * 0.7**2)) <= 2 * n * BRANCH / (2 * 0.7**2)


@pytest.mark.parametrize("states", RESPONSES)
def test_long_records_agree_with_double_precision(states):
    h = RESPONSES[states]
    sent, x = received(h, 4000, 0.45)
    d, want = pamlink.Mlse(h).apply(x), viterbi(h, x)
    # They part only where two sequences are as likely to within the rounding of the metrics.
    assert np.count_nonzero(d != want) <= 8
    assert 0 < np.count_nonzero(d != sent) < 100
    # Signs of the ratios say what the detector says, but at ties.
    llr = pamlink.Mlse(h).soft(x)
    pairs = (llr < 0).astype(np.uint8)
    symbols = 2 * pairs[:, 0] + (pairs[:, 0] ^ pairs[:, 1])
    assert np.count_nonzero(symbols != d) <= 8


def test_the_reduced_form_gives_most_of_the_gain():
    h = RESPONSES[16]
    sent, x = received(h, 100_000, 0.4)
    errors = {
        "full": pamlink.Mlse(h).apply(x),
        "reduced": pamlink.Mlse(h, reduced=True).apply(x),
        "dfe": pamlink.Dfe(h[1:]).apply(x),
    }
    full, reduced, dfe = (np.count_nonzero(d != sent) for d in errors.values())
    assert full <= reduced < dfe / 2
    with pytest.raises(pamlink.ConfigError, match="soft output needs all states"):
        pamlink.Mlse(h, reduced=True).soft(x)


@pytest.mark.parametrize("level", ["baseline", "avx2", "avx512"])
def test_levels_and_lanes_give_the_same_bits(level, noise):
    x = 3 * noise(37, 700)
    best, lowered = pamlink.Mlse([1, 0.5]), pamlink.Mlse([1, 0.5], level=level)
    rows = np.stack([best.apply(row) for row in x])
    assert np.array_equal(lowered.apply(x), rows)
    assert np.array_equal(lowered.soft(x[:3]), best.soft(x[:3]))


def test_sigma_scales_the_ratios(noise):
    x, mlse = 3 * noise(50), pamlink.Mlse([1, 0.5])
    # One product in single precision: two roundings.
    assert np.allclose(mlse.soft(x, sigma=0.5), 4 * mlse.soft(x, sigma=1), rtol=2.0**-22, atol=0)
    for sigma in (0.0, -1.0, np.nan):
        with pytest.raises(pamlink.ConfigError, match="sigma is"):
            mlse.soft(x, sigma=sigma)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"h": []}, "^h is empty"),
        ({"h": [1.0]}, r"^h \(entries\) is 1, must lie between 2 and 3"),
        ({"h": [0.0, 1.0]}, r"^magnitude of h\[0\] is 0, must be above zero"),
        ({"h": [1.0, np.nan]}, r"^h\[1\] is NaN"),
        ({"h": [1.0, 0.5], "levels": [0, 1, 1, 2]}, "levels does not rise at index 2"),
        ({"h": [1.0, 0.5], "depth": 130}, "depth is 130, must lie between 2 and 128"),
        ({"h": [1.0, 0.5], "depth": -1}, "depth is -1, must lie between 2 and 128"),
        (
            {"h": [1.0, 0.5], "levels": [0, 1, 2, 1000]},
            "unit of the metrics over the smallest squared distance is",
        ),
    ],
)
def test_unfit_settings_are_named(settings, message):
    with pytest.raises(pamlink.ConfigError, match=message):
        pamlink.Mlse(**settings)


def test_repr():
    mlse = pamlink.Mlse((1, 0.5, 0.25), reduced=True)
    assert repr(mlse) == "Mlse(4 states, h=[1.0, 0.5, 0.25], levels=[-3.0, -1.0, 1.0, 3.0])"
    assert mlse.h.tolist() == [1.0, 0.5, 0.25]
