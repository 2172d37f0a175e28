"""Plans shared between threads, streams that are not, and pickles for executors."""

import copy
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import pamlink

PLANS = {
    "ffe": pamlink.Ffe(np.linspace(-0.2, 1, 21), precursors=5),
    "dfe": pamlink.Dfe([0.5, -0.2], levels=[-3.1, -1, 1, 3], thresholds=[-2, 0.1, 2]),
    "mlse": pamlink.Mlse([1.0, 0.4], levels=[-3.1, -1, 1, 3], depth=32),
    "reduced": pamlink.Mlse([1.0, 0.4, 0.1], reduced=True, level="baseline"),
    "lowered": pamlink.Ffe([0.5, 1.0], level="baseline"),
}


@pytest.mark.parametrize("name", PLANS)
def test_eight_threads_share_a_plan(name, noise):
    plan, streams = PLANS[name], [noise(3, 20_000) for _ in range(16)]
    want = [plan.apply(x) for x in streams]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert all(map(np.array_equal, pool.map(plan.apply, streams), want))


def test_one_input_may_be_read_by_many(noise):
    x, plan = noise(50_000), PLANS["ffe"]
    want = plan.apply(x)
    with ThreadPoolExecutor(8) as pool:
        assert all(np.array_equal(y, want) for y in pool.map(plan.apply, [x] * 16))


@pytest.mark.parametrize("kind", ["ffe", "dfe"])
def test_a_stream_in_use_by_another_thread_is_an_error_and_is_not_harmed(kind):
    # Long enough that this thread runs meanwhile, which it can only while the GIL is released.
    taps = np.full(256, 2.0**-8)
    plan = pamlink.Ffe(taps) if kind == "ffe" else pamlink.Dfe(np.full(16, 2.0**-8))
    x = np.tile(np.float32([1, -1, 3, -3]), 1 << 22)
    small = x[:8].copy()
    got = []

    def long_block():
        while not got:
            try:
                got.append(plan.process(x))
            except RuntimeError:
                pass  # the other thread's small block was just under way

    thread = threading.Thread(target=long_block)
    thread.start()
    seen = ""
    before = 0
    while thread.is_alive() and not seen:
        try:
            plan.process(small)
            before += 1
        except RuntimeError as error:
            seen = str(error)
    thread.join()
    assert "is processing its stream in another thread" in seen
    # The stream was: `before` small blocks, the long one.
    whole = np.concatenate([np.tile(small, before), x[:1000]])
    assert np.array_equal(got[0][:1000], plan.apply(whole)[-1000:])


def test_an_output_in_use_by_another_thread_is_an_error(noise):
    plan = pamlink.Ffe(np.full(256, 2.0**-8))
    x, out = np.ones(1 << 24, np.float32), np.empty(1 << 24, np.float32)
    small = np.ones(8, np.float32)
    thread = threading.Thread(target=plan.apply, args=(x,), kwargs={"out": out})
    thread.start()
    seen = ""
    while thread.is_alive() and not seen:
        try:
            plan.apply(small, out=out[:8])
        except RuntimeError as error:
            seen = str(error)
    thread.join()
    assert "out is in use by a call in another thread" in seen


def same(a, b):
    names = ["taps", "precursors", "levels", "thresholds", "level", "h", "reduced", "depth"]
    names = [n for n in names if hasattr(a, n)]
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in names)


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_plans_pickle_through_their_settings(name, protocol, noise):
    plan, x = PLANS[name], noise(500)
    again = pickle.loads(pickle.dumps(plan, protocol))
    assert same(again, plan) and np.array_equal(again.apply(x), plan.apply(x))
    assert same(copy.copy(plan), plan) and same(copy.deepcopy(plan), plan)


def test_midway_thresholds_stay_unset_in_pickles():
    again = pickle.loads(pickle.dumps(pamlink.Dfe([0.5])))
    assert again.__getnewargs_ex__()[1]["thresholds"] is None


def test_copies_begin_a_new_stream(noise):
    plan, x = pamlink.Ffe([1.0, 1.0]), noise(10)
    plan.process(x)
    assert np.array_equal(copy.copy(plan).process(x), plan.apply(x))


def test_process_pools_can_run_plans_and_errors_come_back(noise):
    streams = [noise(2, 100) for _ in range(3)]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name in PLANS:
            got = pool.map(PLANS[name].apply, streams)
            assert all(map(np.array_equal, got, map(PLANS[name].apply, streams)))
        with pytest.raises(pamlink.ConfigError) as caught:
            pool.submit(pamlink.Ffe, [1.0], precursors=1).result()
    assert (caught.value.name, caught.value.max) == ("ffe precursors", 0.0)
