"""Array peers: `arrays.py WHICH BLOCK TAPS...` prints `fir TAPS GSYM_PER_S`, checked first.

WHICH is numpy (np.convolve), scipy (lfilter), scipy-overlap (oaconvolve) or numba (compiled loops, and
one stream of a one-tap decision-feedback equalizer as a `dfe` line).
"""

import statistics
import sys
import time

import numpy as np

ROUNDS = 7
SLICE_S = 0.01


def noise(seed, n):
    """Reproducible numbers in -1..1."""
    return np.random.default_rng(seed).uniform(-1, 1, n).astype(np.float32)


def median_s(work):
    """Median seconds of one call over all rounds, each about SLICE_S long."""
    work()
    start = time.perf_counter()
    work()
    repeats = max(1, int(SLICE_S / max(time.perf_counter() - start, 1e-8)))
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repeats):
            work()
        seconds.append((time.perf_counter() - start) / repeats)
    return statistics.median(seconds)


def check(y, h, x):
    """The answer first: y[n] = sum_k h[k] x[n - k] in double precision."""
    exact = np.zeros(len(x))
    for k, tap in enumerate(h):
        exact[k:] += float(tap) * x[: len(x) - k].astype(np.float64)
    worst = np.abs(y - exact).max()
    if not worst < 1e-4:
        sys.exit(f"wrong answer: off by {worst}")


def numba_kernels():
    """A FIR, tap by tap so that the compiler may vectorise it, and a DFE that cannot be."""
    import numba

    @numba.njit(fastmath=True, error_model="numpy")
    def fir(h, record, y):
        n, past = len(y), len(h) - 1
        y[:] = 0.0
        for k in range(len(h)):
            tap, at = h[k], past - k
            for i in range(n):
                y[i] += tap * record[at + i]

    @numba.njit(error_model="numpy")
    def dfe(x, tap, y):
        last = np.float32(0.0)
        for i in range(len(x)):
            z = x[i] - tap * last
            d = (z >= -2.0) + np.uint8(z >= 0.0) + np.uint8(z >= 2.0)
            y[i] = d
            last = np.float32(2 * d - 3)

    return fir, dfe


def main():
    which, n, counts = sys.argv[1], int(sys.argv[2]), [int(t) for t in sys.argv[3:]]
    x = noise(3, n)
    if which.startswith("scipy"):
        from scipy import signal
    if which == "numba":
        fir, dfe = numba_kernels()
    for taps in counts:
        h = noise(taps, taps)
        if which == "numpy":
            work = lambda: np.convolve(x, h)[:n]
        elif which == "scipy":
            work = lambda: signal.lfilter(h, np.float32(1.0), x)
        elif which == "scipy-overlap":
            work = lambda: signal.oaconvolve(x, h)[:n]
        else:
            record, y = np.concatenate([np.zeros(taps - 1, np.float32), x]), np.empty_like(x)

            def work():
                fir(h, record, y)
                return y

        check(work(), h, x)
        print(f"fir {taps} {n / median_s(work) / 1e9:.4f}")
    if which == "numba":
        symbols = np.random.default_rng(1).integers(0, 4, n).astype(np.uint8)
        level = (2.0 * symbols - 3.0).astype(np.float32)
        received, out = level.copy(), np.empty(n, np.uint8)
        received[1:] += np.float32(0.5) * level[:-1]
        dfe(received, np.float32(0.5), out)
        if not (out == symbols).all():
            sys.exit("wrong answer: decisions differ from the symbols sent")
        seconds = median_s(lambda: dfe(received, np.float32(0.5), out))
        print(f"dfe 1 {n / seconds / 1e9:.4f}")


main()
