"""Every call that takes samples takes and refuses the same ones, and honours ``out=``."""

import numpy as np
import pytest

import pamlink


def calls():
    ffe, dfe = pamlink.Ffe([0.5, 1.0], precursors=1), pamlink.Dfe([0.5])
    mlse = pamlink.Mlse([1.0, 0.5])
    return {
        "Ffe.apply": ffe.apply,
        "Ffe.process": ffe.process,
        "Dfe.apply": dfe.apply,
        "Dfe.apply_soft": dfe.apply_soft,
        "Dfe.process": dfe.process,
        "Dfe.process_soft": dfe.process_soft,
        "Mlse.apply": mlse.apply,
        "Mlse.soft": mlse.soft,
    }


NAMES = list(calls())


@pytest.fixture(params=NAMES)
def call(request):
    return calls()[request.param]


def misaligned(n):
    return np.frombuffer(bytearray(4 * n + 1), np.uint8)[1:].view(np.float32)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (
            [1.0, 2.0],
            r"x is list, must be a NumPy array of float32: pass np.asarray\(x, dtype=np.float32\)",
        ),
        (np.zeros(4), r"x is float64, must be float32: pass x.astype\(np.float32\)"),
        (np.zeros((2, 4), np.int16), r"x is int16, must be float32: pass x.astype\(np.float32\)"),
        (np.zeros(4, ">f4"), r"x is >f4, must be float32: pass x.astype\(np.float32\)"),
        (np.zeros(8, np.float32)[::2], r"x is not contiguous .* pass np.ascontiguousarray\(x\)"),
        (np.zeros(8, np.float32)[::-1], r"x is not contiguous .* pass np.ascontiguousarray\(x\)"),
        (np.zeros((4, 2), np.float32).T, r"x is not contiguous .* pass np.ascontiguousarray\(x\)"),
        (
            np.zeros((4, 2), np.float32)[::-1],
            r"x is not contiguous .* pass np.ascontiguousarray\(x\)",
        ),
        (np.broadcast_to(np.zeros(4, np.float32), (3, 4)), r"x is not contiguous"),
        (misaligned(4), r"x is not contiguous along its samples or not aligned"),
    ],
    ids=[
        "list",
        "f8",
        "i2",
        "byte order",
        "strided",
        "reversed",
        "transposed",
        "lanes reversed",
        "broadcast",
        "misaligned",
    ],
)
def test_other_types_and_layouts_say_the_cast_to_write(call, x, message):
    with pytest.raises(TypeError, match=message):
        call(x)


@pytest.mark.parametrize("shape", [(), (2, 3, 4)])
def test_other_dimensions_are_a_shape_error(call, shape):
    with pytest.raises(pamlink.ShapeError, match=r"must be \[n\] or \[lane, n\]") as caught:
        call(np.zeros(shape, np.float32))
    assert (caught.value.name, caught.value.got) == ("x", len(shape))


def results(call, x, **given):
    """Results as a tuple, whether one or two."""
    got = call(x, **given)
    return got if isinstance(got, tuple) else (got,)


@pytest.mark.parametrize("shape", [(0,), (1,), (37,), (1, 5), (3, 0), (5, 33)])
@pytest.mark.parametrize("name", NAMES)
def test_out_is_filled_and_returned(name, shape, noise):
    x = noise(*shape)
    fresh = results(calls()[name], x)
    out = tuple(np.full(f.shape, 9, f.dtype) for f in fresh)
    given = results(calls()[name], x, out=out if len(out) == 2 else out[0])
    for want, got, place in zip(fresh, given, out, strict=True):
        assert got is place and np.array_equal(got, want)


def bad_outs(dtype):
    readonly = np.zeros(6, dtype)
    readonly.flags.writeable = False
    other = np.float64 if dtype == np.float32 else np.int8
    name = np.dtype(dtype).name
    return [
        ([0] * 6, TypeError, f"is list, must be a NumPy array of {name}"),
        (np.zeros(6, other), TypeError, f"is {np.dtype(other).name}, must be {name}: pass"),
        (np.zeros(12, dtype)[::2], TypeError, "is not contiguous"),
        (np.zeros(5, dtype), pamlink.ShapeError, r"has shape \(5,\), must be \(6,\)"),
        (np.zeros((1, 6), dtype), pamlink.ShapeError, r"has shape \(1, 6\), must be \(6,\)"),
        (readonly, ValueError, "is read-only, must be writeable"),
    ]


@pytest.mark.parametrize("case", range(6))
@pytest.mark.parametrize("name", [n for n in NAMES if n != "Mlse.soft"])
def test_an_unfit_out_is_refused_by_name(name, case, noise):
    x = noise(6)
    kinds = [r.dtype for r in results(calls()[name], x)]
    for place, kind in enumerate(kinds):
        bad, error, message = bad_outs(kind.type)[case]
        out, label = bad, "out"
        if len(kinds) == 2:
            both = [np.zeros(6, k) for k in kinds]
            both[place] = bad
            out, label = tuple(both), rf"out\[{place}\]"
        with pytest.raises(error, match=f"^{label} {message}"):
            calls()[name](x, out=out)


@pytest.mark.parametrize("out", [np.zeros(6, np.uint8), (np.zeros(6, np.uint8),), [1, 2]])
def test_out_of_two_results_must_be_a_pair(out, noise):
    with pytest.raises(TypeError, match="must be a tuple of an array of uint8 and one of float32"):
        pamlink.Dfe([]).apply_soft(noise(6), out=out)


@pytest.mark.parametrize("shift", [-5, 0, 5])
def test_input_and_output_may_not_overlap(shift):
    memory = np.zeros(40, np.float32)
    x, y = memory[10:20], memory[10 + shift : 20 + shift]
    with pytest.raises(ValueError, match="^out overlaps another argument"):
        pamlink.Ffe([1.0]).apply(x, out=y)
    symbols = memory.view(np.uint8)[50 + shift : 60 + shift]  # x is bytes 40 to 80
    with pytest.raises(ValueError, match="^out overlaps another argument"):
        pamlink.Dfe([]).apply(x, out=symbols)
    pamlink.Ffe([1.0]).apply(x, out=memory[20:30])  # neighbours are no overlap


def test_two_outputs_may_not_overlap(noise):
    y = np.zeros(10, np.float32)
    with pytest.raises(ValueError, match=r"^out\[1\] overlaps another argument"):
        pamlink.Dfe([]).apply_soft(noise(10), out=(y.view(np.uint8)[:10], y))


def test_flush_takes_out(noise):
    ffe, x = pamlink.Ffe([1.0, 2.0, 3.0], precursors=2), noise(3, 9)
    ffe.process(x)
    want = np.full((3, 2), 9, np.float32)
    with pytest.raises(pamlink.ShapeError, match=r"out has shape \(2,\), must be \(3, 2\)"):
        ffe.flush(out=np.zeros(2, np.float32))
    assert ffe.flush(out=want) is want
    assert np.array_equal(want, ffe.apply(x)[:, -2:])


def test_pairs_of_ratios_take_out(noise):
    mlse, x = pamlink.Mlse([1.0, 0.5]), noise(3, 9)
    with pytest.raises(pamlink.ShapeError, match=r"out has shape \(3, 9\), must be \(3, 9, 2\)"):
        mlse.soft(x, out=np.zeros((3, 9), np.float32))
    with pytest.raises(TypeError, match=r"out is not contiguous"):
        mlse.soft(x, out=np.zeros((3, 9, 4), np.float32)[..., ::2])
    with pytest.raises(TypeError, match=r"out is float64, must be float32"):
        mlse.soft(x, out=np.zeros((3, 9, 2)))


def test_an_error_leaves_out_as_it_was(noise):
    ffe = pamlink.Ffe([1.0])
    ffe.process(noise(4))
    out = np.full((2, 4), 7, np.float32)
    with pytest.raises(pamlink.ShapeError):
        ffe.process(noise(2, 4), out=out)
    assert np.all(out == 7)
