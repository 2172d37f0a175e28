"""`pamlink.fec`: codecs against golden vectors and plain models, analysis against known points."""

import copy
import json
import math
import pathlib
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamlink import ConfigError, ShapeError, fec

GOLDEN = pathlib.Path(__file__).parents[2] / "tests" / "golden"
CODES = {"kp4": fec.kp4(), "kr4": fec.kr4()}
LEVELS = [None, "baseline", "avx2", "avx512"]


@pytest.fixture(scope="module", params=CODES)
def golden(request):
    """Codec, words and received words with their corrections (None: refused), made by galois."""
    file = json.loads((GOLDEN / f"{request.param}.json").read_text())
    words = np.array([w["message"] + w["parity"] for w in file["words"]], np.uint16)
    return CODES[request.param], words, file


def received(words, vectors):
    rows = words[[v["word"] for v in vectors]]
    answers, erased = rows.copy(), np.zeros(rows.shape, bool)
    for row, answer, mark, v in zip(rows, answers, erased, vectors, strict=True):
        row[v["errors"][0]] ^= np.array(v["errors"][1], np.uint16)
        answer[:] = row
        if v["corrections"] is not None:
            answer[v["corrections"][0]] ^= np.array(v["corrections"][1], np.uint16)
        mark[v.get("erased", [])] = True
    return rows, answers, erased


@pytest.mark.parametrize("level", LEVELS)
def test_golden_vectors(golden, level):
    codec, words, file = golden
    codec = fec.ReedSolomon(codec.code, level=level)
    assert np.array_equal(codec.encode(np.ascontiguousarray(words[:, : codec.k])), words)
    vectors = file["received"]
    rows, answers, _ = received(words, vectors)
    before = rows.copy()
    messages, corrected = codec.decode(rows)
    want = [-1 if v["corrections"] is None else len(v["corrections"][0]) for v in vectors]
    assert corrected.dtype == np.int16 and corrected.tolist() == want
    assert messages.dtype == np.uint16 and np.array_equal(messages, answers[:, : codec.k])
    assert np.array_equal(rows, before)


def test_golden_erasures(golden):
    codec, words, file = golden
    vectors = file["erasures"]
    rows, answers, erased = received(words, vectors)
    messages, corrected = codec.decode(rows, erasures=erased)
    for v, count in zip(vectors, corrected, strict=True):
        if v["corrections"] is None:
            assert count == -1
        else:
            assert count == len(set(v["corrections"][0]) - set(v["erased"]))
    assert np.array_equal(messages, answers[:, : codec.k])


def test_any_leading_shape_and_out(golden):
    codec, words, _ = golden
    n, k = codec.n, codec.k
    for lead in [(), (0,), (1,), (8,), (2, 4), (2, 2, 2), (0, 3)]:
        words_in = np.resize(words, (*lead, n))
        message_in = np.ascontiguousarray(words_in[..., :k])
        out = np.zeros((*lead, n), np.uint16)
        assert codec.encode(message_in, out=out) is out
        assert np.array_equal(out, words_in)
        to = (np.zeros((*lead, k), np.uint16), np.full(lead, 9, np.int16))
        messages, corrected = codec.decode(words_in, out=to)
        assert messages is to[0] and corrected is to[1]
        assert np.array_equal(messages, message_in) and not corrected.any()
        assert codec.decode(words_in)[1].shape == lead


def test_words_are_checked_and_out_is_left_alone():
    codec = CODES["kr4"]
    words = np.zeros((3, 528), np.uint16)
    words[2, 7] = 1024
    to = (np.full((3, 514), 7, np.uint16), np.full(3, 7, np.int16))
    with pytest.raises(ConfigError, match=r"words\[2\]\[7\] is 1024, must lie between 0 and 1023"):
        codec.decode(words, out=to)
    with pytest.raises(ConfigError, match=r"^words\[7\] is 1024"):
        codec.decode(words[2], out=(to[0][0], to[1][0:1].reshape(())))
    message = np.ascontiguousarray(words[:, :514])
    out = np.full((3, 528), 7, np.uint16)
    with pytest.raises(ConfigError, match=r"^msg\[2\]\[7\] is 1024"):
        codec.encode(message, out=out)
    marks = np.zeros((3, 528), bool)
    marks[1, :15] = True
    with pytest.raises(ConfigError, match=r"erasures\[1\]\.sum\(\) is 15, must .* 0 and 14"):
        codec.decode(np.zeros_like(words), erasures=marks, out=to)
    with pytest.raises(ConfigError, match=r"^words\[2\]\[7\] is 1024"):
        codec.decode(words, erasures=np.zeros_like(marks), out=to)
    assert all((a == 7).all() for a in (*to, out))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda c: c.decode([0] * 528),
            TypeError,
            "words is list, must be a NumPy array of uint16",
        ),
        (lambda c: c.decode(np.zeros(528)), TypeError, r"pass words.astype\(np.uint16\)"),
        (lambda c: c.encode(np.zeros(514, np.int16)), TypeError, r"pass msg.astype\(np.uint16\)"),
        (
            lambda c: c.decode(np.zeros((528, 2), np.uint16).T),
            TypeError,
            r"words is not contiguous .* pass np.ascontiguousarray\(words\)",
        ),
        (
            lambda c: c.decode(np.zeros(527, np.uint16)),
            ShapeError,
            r"words has shape \(527,\), must be \[..., 528\]",
        ),
        (lambda c: c.encode(np.zeros((), np.uint16)), ShapeError, r"must be \[..., 514\]"),
        (
            lambda c: c.decode(np.zeros((2, 528), np.uint16), erasures=np.zeros(528, bool)),
            ShapeError,
            r"erasures has shape \(528,\), must be \(2, 528\)",
        ),
        (
            lambda c: c.decode(np.zeros(528, np.uint16), erasures=np.zeros(528, np.uint8)),
            TypeError,
            "erasures is uint8, must be bool",
        ),
        (
            lambda c: c.encode(np.zeros(514, np.uint16), out=np.zeros(514, np.uint16)),
            ShapeError,
            r"out has shape \(514,\), must be \(528,\)",
        ),
        (
            lambda c: c.encode(
                np.zeros((2, 514), np.uint16), out=np.zeros((2, 530), np.uint16)[:, :528]
            ),
            TypeError,
            "out is not contiguous",
        ),
        (lambda c: fec.ReedSolomon("kp5"), ConfigError, 'code is "kp5", must be one of kp4, kr4'),
        (lambda c: fec.kp4(level="sse"), ConfigError, 'level is "sse"'),
    ],
)
def test_unfit_arguments_of_the_codec(call, error, message):
    with pytest.raises(error, match=message):
        call(CODES["kr4"])


def test_out_must_not_overlap():
    codec = CODES["kr4"]
    memory = np.zeros(2000, np.uint16)
    with pytest.raises(ValueError, match="out overlaps another argument"):
        codec.encode(memory[:514], out=memory[500:1028])
    with pytest.raises(ValueError, match=r"out\[0\] overlaps"):
        codec.decode(memory[:528], out=(memory[:514], np.zeros((), np.int16)))
    with pytest.raises(ValueError, match=r"out\[1\] overlaps"):
        codec.decode(
            memory[:528], out=(memory[600:1114], memory[600:601].view(np.int16).reshape(()))
        )


def columns():
    """Row of each pair and of each parity bit: powers of x modulo x^8 + x^7 + x^4 + x^3 + x + 1."""
    power, powers = 1, []
    for _ in range(127):
        powers.append(power)
        power <<= 1
        if power & 0x100:
            power ^= 0x19B
    return np.array(powers[67:] + powers[:8])


def syndrome(blocks):
    sums = np.concatenate([blocks[..., 0:120:2] ^ blocks[..., 1:120:2], blocks[..., 120:]], axis=-1)
    return np.bitwise_xor.reduce(np.where(sums == 1, columns(), 0), axis=-1)


def test_inner_encoder_is_its_polynomial_and_the_published_vector():
    inner = fec.inner()
    vector = np.unpackbits(np.frombuffer(bytes.fromhex("58ccd6ab6daebb37aafb697582d4b0"), np.uint8))
    assert np.packbits(inner.encode(vector)[120:]) == 0x51
    bits = np.random.default_rng(3).integers(0, 2, (4, 50, 120), np.uint8)
    blocks = inner.encode(bits)
    assert blocks.shape == (4, 50, 128) and np.array_equal(blocks[..., :120], bits)
    assert not syndrome(blocks).any()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("bits", [8, None])
def test_inner_decoder_corrects_what_is_doubtful(level, bits):
    rng, inner = np.random.default_rng(5), fec.Inner(level=level, bits=bits)
    sent = inner.encode(rng.integers(0, 2, (300, 120), np.uint8))
    llr = np.where(sent == 1, -8, 8).astype(np.float32)
    errors = rng.integers(0, 4, 300)
    for row, count in zip(llr, errors, strict=True):
        # One bit to a pair at most, less reliable than all others; distinct, so no two words tie.
        positions = rng.choice(68, count, replace=False)
        places = np.where(positions < 60, 2 * positions, positions + 60)
        row[places] *= -np.array([0.05, 0.1, 0.15])[:count]
    message, flipped = inner.decode_soft(llr)
    assert flipped.dtype == np.int8 and np.array_equal(flipped, errors)
    assert message.dtype == np.uint8 and np.array_equal(message, sent[:, :120])
    out = (np.empty((300, 120), np.uint8), np.empty(300, np.int8))
    assert inner.decode_soft(llr, out=out)[0] is out[0]
    assert np.array_equal(out[0], message) and np.array_equal(out[1], flipped)


def test_inner_without_a_search_refuses_two_errors():
    llr = np.full(128, 4, np.float32)
    llr[[0, 6]] = -1
    message, flipped = fec.inner(positions=0, patterns=1).decode_soft(llr)
    assert flipped.shape == () and flipped == -1
    assert np.array_equal(np.flatnonzero(message), [0, 6])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fec.inner(positions=7), ConfigError, "positions is 7, must lie between 0 and 6"),
        (lambda: fec.inner(patterns=41), ConfigError, "patterns is"),
        (lambda: fec.inner(bits=4), ConfigError, "bits is 4"),
        (lambda: fec.inner(full_scale=0), ConfigError, "full_scale is 0"),
        (lambda: fec.inner().encode(np.full(120, 2, np.uint8)), ConfigError, r"bits\[0\] is 2"),
        (
            lambda: fec.inner().decode_soft(np.full(128, np.nan, np.float32)),
            ConfigError,
            r"llr\[0\] is NaN",
        ),
        (lambda: fec.inner().decode_soft(np.zeros(128)), TypeError, "must be float32"),
        (lambda: fec.inner().decode_soft(np.zeros(64, np.float32)), ShapeError, "128"),
    ],
)
def test_unfit_arguments_of_the_inner_code(call, error, message):
    with pytest.raises(error, match=message):
        call()


def cer(ber, n, t):
    p = -math.expm1(10 * math.log1p(-ber))
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(t + 1, n + 1))


@given(st.floats(1e-4, 0.5))
def test_cer_iid_is_the_binomial_sum(ber):
    assert math.isclose(fec.cer_iid(ber), cer(ber, 544, 15), rel_tol=1e-9)
    assert math.isclose(fec.cer_iid(ber, code="kr4"), cer(ber, 528, 7), rel_tol=1e-9)


def test_published_points():
    # Every digit that is printed.
    table = {1e-3: 1.5303e-4, 4e-4: 1.2958e-9, 2.4e-4: 8.1516e-13, 1e-5: 2.1397e-34}
    got = fec.cer_iid(list(table))
    assert isinstance(got, np.ndarray) and got.dtype == np.float64
    assert np.allclose(got, list(table.values()), rtol=5e-5, atol=0)
    assert math.isclose(fec.ber_limit(1.45e-11), 2.920e-4, rel_tol=2e-4)
    assert np.allclose(
        fec.ber_limit([[1e-12], [1e-13]], "kr4"), [[2.300e-5], [1.719e-5]], rtol=3e-4
    )
    points = [
        (1e-3, False, 1, 1.8454e-3),
        (1e-3, False, 2, 8.0445e-5),
        (1e-3, False, 4, 1.3168e-5),
        (1e-3, True, 4, 1.3656e-5),
        (5e-4, False, 1, 4.344e-5),
    ]
    for iep, precoding, interleave, want in points:
        got = fec.cer_burst(iep, 0.75, interleave=interleave, precoding=precoding)
        assert math.isclose(got, want, rel_tol=2e-4)
    assert math.isclose(fec.iep_limit(1.45e-11, 0.75), 4.30e-6, rel_tol=2e-3)
    limit = fec.iep_limit(1.45e-11, 0.75, interleave=4, precoding=True)
    assert math.isclose(limit, 3.52e-4, rel_tol=2e-3)
    # Multiplexing by bits spreads a burst over words.
    assert fec.cer_burst(1e-3, 0.75, interleave=4, bit_lanes=4) != fec.cer_burst(
        1e-3, 0.75, interleave=4
    )


def test_frame_loss_and_back():
    for interleave, factor in {1: 1.131, 2: 2.131, 4: 4.131}.items():
        assert math.isclose(fec.flr(1e-9, interleave=interleave), factor * 1e-9, rel_tol=5e-4)
        back = fec.cer_from_flr(
            fec.flr([1e-9, 1e-12], interleave=interleave), interleave=interleave
        )
        assert np.allclose(back, [1e-9, 1e-12], rtol=1e-12, atol=0)
    assert isinstance(fec.flr(np.float64(0.5)), float) and fec.flr(0.5, interleave=4) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fec.cer_iid(1.5), ConfigError, "ber is 1.5, must lie between 0 and 1"),
        (lambda: fec.cer_iid([0.1, np.nan]), ConfigError, r"ber\[1\] is NaN"),
        (lambda: fec.cer_iid("0.1"), TypeError, "ber is 0.1, must be numbers"),
        (lambda: fec.cer_iid(0.1, "rs"), ConfigError, 'code is "rs"'),
        (lambda: fec.cer_burst(1e-3, 1.0), ConfigError, "epf is 1"),
        (lambda: fec.cer_burst(-1, 0.5), ConfigError, "iep is -1"),
        (lambda: fec.cer_burst(1e-3, 0.5, interleave=0), ConfigError, "interleave is 0"),
        (lambda: fec.cer_burst(1e-3, 0.5, bit_lanes=9), ConfigError, "bit_lanes is 9"),
        (lambda: fec.ber_limit(0.0), ConfigError, "cer"),
        (lambda: fec.flr(0.1, interleave=65), ConfigError, "interleave is 65"),
        (lambda: fec.cer_from_flr(-0.1), ConfigError, "flr is -0.1"),
    ],
)
def test_unfit_arguments_of_the_analysis(call, error, message):
    with pytest.raises(error, match=message):
        call()


PLANS = {
    "kp4": fec.kp4(),
    "lowered": fec.kr4(level="baseline"),
    "inner": fec.inner(positions=5, patterns=32, bits=6, full_scale=9.0),
    "exact": fec.inner(bits=None),
}
SETTINGS = ["code", "positions", "patterns", "bits", "full_scale", "level"]


@pytest.mark.parametrize("name", PLANS)
def test_plans_pickle_through_their_settings(name):
    plan = PLANS[name]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        for again in (pickle.loads(pickle.dumps(plan, protocol)), copy.deepcopy(plan)):
            assert repr(again) == repr(plan)
            assert all(getattr(again, s, 0) == getattr(plan, s, 0) for s in SETTINGS)


def noisy(plan, seed):
    rng = np.random.default_rng(seed)
    words = plan.encode(rng.integers(0, 1024, (64, plan.k), np.uint16))
    words[rng.random(words.shape) < 0.01] ^= 3
    return words


def test_threads_share_a_plan_and_process_pools_take_it():
    plan = PLANS["kp4"]
    inputs = [noisy(plan, seed) for seed in range(16)]
    want = [plan.decode(words) for words in inputs]

    def same(got):
        return all(
            np.array_equal(a, b)
            for g, w in zip(got, want, strict=False)
            for a, b in zip(g, w, strict=True)
        )

    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert same(pool.map(plan.decode, inputs))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert same(pool.map(plan.decode, inputs[:2]))
