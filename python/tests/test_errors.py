"""Each row of the table from the library's errors to Python's."""

import errno

import numpy as np
import pytest

import pamlink

ONE = {"lane_rate": "100G", "architecture": "cpo"}


def toml(tmp_path, text):
    path = tmp_path / "link.toml"
    path.write_text(text)
    return path


def four_port(tmp_path, s21, s31, end_ghz=60):
    """A four-port whose through paths are `s21` and `s31`, all else zero."""
    m = np.zeros((4, 4))
    m[0, 1] = m[1, 0] = m[2, 3] = m[3, 2] = s21
    m[0, 2] = m[2, 0] = m[1, 3] = m[3, 1] = s31
    text = "# GHz S RI R 50\n"
    for f in np.linspace(0, end_ghz, 121):
        rows = [" ".join(f"{v} 0" for v in row) for row in m]
        text += f"{f} " + "\n".join(rows) + "\n"
    path = tmp_path / "four.s4p"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("call", "name", "value", "low", "high"),
    [
        (lambda: pamlink.Ffe([1, np.nan]), "ffe taps[1]", np.nan, None, None),  # NotFinite
        (lambda: pamlink.compare(set={"baud_hz": -1}), "baud_hz", -1.0, None, None),  # NotPositive
        (lambda: pamlink.Ffe([1, 2], precursors=7), "ffe precursors", 7.0, 0.0, 1.0),  # OutOfRange
        (lambda: pamlink.Ffe([]), "ffe taps", None, None, None),  # Empty
        (lambda: pamlink.Dfe([], levels=[0, 2, 1, 3]), "levels", 1.0, None, None),  # NotIncreasing
        (lambda: pamlink.Ffe([1], level="sse"), "level", "sse", None, None),  # UnknownWord
        (lambda: pamlink.compare(set={"optic": 1}), "optic", None, None, None),  # UnknownField
        (lambda: pamlink.compare(set={"lanes": 1.5}), "lanes", "1.5", None, None),  # WrongType
    ],
)
def test_config_error(call, name, value, low, high):
    with pytest.raises(pamlink.ConfigError) as caught:
        call()
    error = caught.value
    assert isinstance(error, ValueError)
    assert str(error).startswith(f"{name} ")
    assert (error.name, error.min, error.max) == (name, low, high)
    assert error.value == value or (value is np.nan and np.isnan(error.value))


def test_shape_error():
    with pytest.raises(pamlink.ShapeError, match="levels has length 3, must be 4") as caught:
        pamlink.Dfe([], levels=[1, 2, 3])
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.name, error.expected, error.got) == ("levels", 4, 3)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("seed = 1\nlanes = = 3\n", 2, "column 9"),
        ("[optics]\nrin = -150\n", 2, "optics.rin is not a field"),
        ("[rate_100g.optics]\n\noma_dbm = nan\n", 3, "oma_dbm is NaN"),
    ],
)
def test_parse_error(tmp_path, text, line, message):
    path = toml(tmp_path, text)
    with pytest.raises(pamlink.ParseError, match=message) as caught:
        pamlink.compare(**ONE, config=path)
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.path, error.line) == (str(path), line)
    assert str(error).startswith(f"{path}:{line}: ")


def test_parse_error_of_a_channel_file(tmp_path):
    path = tmp_path / "line.s2p"
    path.write_text("# Hz S RI R 50\n0 0 0 1 0 1 0 0 x\n")
    with pytest.raises(pamlink.ParseError) as caught:
        pamlink.compare(**ONE, channel=path)
    assert caught.value.line == 2


def test_channel_error(tmp_path):
    path = four_port(tmp_path, 0.5, 0.5)  # neither order is the through path
    with pytest.raises(
        pamlink.ChannelError, match="cannot tell the port order.*give port_order=1-2,3-4"
    ) as caught:
        pamlink.compare(lane_rate="100G", architecture="lpo", channel=path)
    assert isinstance(caught.value, ValueError)
    assert caught.value.file.endswith("four.s4p")


def test_singular_error():
    with pytest.raises(pamlink.SingularError) as caught:
        pamlink.design.mmse([1.0, 0.5], ffe_taps=4, dfe_taps=4, noise_sigma=0.0)
    error = caught.value
    assert isinstance(error, ArithmeticError)
    assert isinstance(error.rcond, float) and error.name in str(error)


def test_files_that_cannot_be_read_are_the_errors_of_open(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        pamlink.compare(**ONE, config=tmp_path / "none.toml")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == str(tmp_path / "none.toml")
    with pytest.raises(IsADirectoryError):
        pamlink.compare(**ONE, config=tmp_path)
    with pytest.raises(FileNotFoundError):
        pamlink.compare(**ONE, channel=tmp_path / "none.s4p")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        pamlink.compare(**ONE, config=tmp_path / "file" / "link.toml")


def test_no_data_is_an_answer_and_no_error(tmp_path):
    path = four_port(tmp_path, 0.9, 0.0, end_ghz=40)
    answer = pamlink.compare(lane_rate="200G", architecture="lpo", channel=path).to_dict()
    cell = answer["cells"][0]
    assert cell["closes"] is None and "ends at 40.0 GHz" in cell["reason"]


@pytest.mark.parametrize("value", [2**70, 10**400, -1, -(10**400)])
def test_whole_numbers_out_of_range_are_told_the_range(value):
    with pytest.raises(pamlink.ConfigError, match="must lie between 0 and 65535") as caught:
        pamlink.Ffe([1, 2], precursors=value)
    assert not caught.value.min <= caught.value.value <= caught.value.max
    assert (caught.value.value < 0) == (value < 0)


@pytest.mark.parametrize(
    "taps",
    [["1", "2"], [b"1", b"2"], np.array(["1"]), np.array(["1", 2], dtype=object), [1j], "12"],
)
def test_lists_of_what_is_no_number_are_type_errors(taps):
    with pytest.raises(TypeError, match=r"^taps is .*, must be a list of numbers"):
        pamlink.Ffe(taps)


def test_wrong_dtype_is_a_type_error():
    with pytest.raises(TypeError, match=r"pass x.astype\(np.float32\)"):
        pamlink.Ffe([1]).apply(np.zeros(3))


@pytest.mark.parametrize(
    "error",
    [
        pamlink.ConfigError,
        pamlink.ShapeError,
        pamlink.ParseError,
        pamlink.ChannelError,
        pamlink.SingularError,
    ],
)
def test_every_error_is_public_and_told(error):
    assert error.__module__ == "pamlink" and "Attributes" in error.__doc__
