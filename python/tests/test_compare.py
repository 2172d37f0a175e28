"""`compare` equals the command line, option by option."""

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

import pamlink

COMMAND = os.environ.get("PAMLINK_COMMAND")


def command(*arguments):
    """What ``pamlink compare`` prints; `make python` builds it and says where it is."""
    if COMMAND is None:
        pytest.fail(
            "PAMLINK_COMMAND must be the path of the `pamlink` command (`make python` sets it)"
        )
    done = subprocess.run(
        [COMMAND, "compare", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )
    return done.stdout


def line(path: pathlib.Path, loss_db_at_26_ghz=6.0) -> pathlib.Path:
    """A matched line as a two-port file: loss as the root of the frequency, 1 ns long."""
    f = np.linspace(0, 120e9, 2401)
    s21 = 10 ** (-loss_db_at_26_ghz / 20 * np.sqrt(f / 26.5625e9)) * np.exp(-2j * np.pi * f * 1e-9)
    rows = [
        f"{a:.6e} 0 0 {s.real:.9e} {s.imag:.9e} {s.real:.9e} {s.imag:.9e} 0 0"
        for a, s in zip(f, s21, strict=True)
    ]
    path.write_text("# Hz S RI R 50\n" + "\n".join(rows) + "\n")
    return path


def test_everything_by_default_equals_the_command():
    answer = pamlink.compare()
    text = command("--json")
    assert answer.to_json() + "\n" == text
    assert answer.to_dict() == json.loads(text)
    cells = answer.to_dict()["cells"]
    assert len(cells) == 8
    closing = sum(cell["closes"] is True for cell in cells)
    assert repr(answer) == f"Comparison(8 cells, {closing} close)"


def test_files_and_settings_equal_the_command(tmp_path):
    config = tmp_path / "link.toml"
    config.write_text(
        "seed = 5\n[optics]\nrin_db_hz = -147\n[rate_200g.optics]\nrin_db_hz = -150.5\n"
    )
    near, far = line(tmp_path / "near.s2p"), line(tmp_path / "far.s2p", 8)
    answer = pamlink.compare(
        lane_rate="200G",
        architecture=("lpo",),
        config=config,
        set={"optics.oma_dbm": 3},
        channel=near,
        channel_far=str(far),
        modules=1000,
        threads=1,
    )
    arguments = ["--lane-rate", "200G", "--architecture", "lpo"]
    arguments += ["--config", config, "--set", "optics.oma_dbm=3", "--modules", 1000]
    arguments += ["--channel", near, "--channel-far", far]
    assert answer.to_dict() == json.loads(command(*arguments, "--json"))
    assert str(answer).split() == command(*arguments).split()
    assert answer.to_dict()["seed"] == 5


ONE = {"lane_rate": "100G", "architecture": "cpo"}


def test_a_mapping_says_what_a_file_says(tmp_path):
    config = tmp_path / "link.toml"
    config.write_text(
        "[rate_100g.optics]\noma_dbm = 2.5\n[optics]\noma_dbm = 1.25\nrin_db_hz = -150\n"
    )
    by_file = pamlink.compare(**ONE, config=config).to_dict()
    nested = {
        "rate_100g": {"optics": {"oma_dbm": 2.5}},
        "optics": {"oma_dbm": 1.25, "rin_db_hz": -150},
    }
    dotted = {
        "rate_100g.optics.oma_dbm": np.float32(2.5),
        "optics.oma_dbm": 1.25,
        "optics.rin_db_hz": np.int64(-150),
    }
    assert pamlink.compare(**ONE, config=nested).to_dict() == by_file
    assert pamlink.compare(**ONE, config=dotted).to_dict() == by_file
    # `set` comes after `config`, in the order given.
    last = {"rate_100g.optics.oma_dbm": 9, "optics.oma_dbm": 2.5}
    assert pamlink.compare(**ONE, config=nested, set=last).to_dict() == by_file
    assert by_file != pamlink.compare(**ONE).to_dict()


def test_single_options_equal_the_command():
    answer = pamlink.compare(
        lane_rate=["100G"], architecture=["lpo", "cpo"], host_loss_db=6, seed=2**64 - 1
    )
    arguments = ["--lane-rate", "100G", "--architecture", "lpo", "--architecture", "cpo", "--json"]
    arguments += ["--host-loss-db", 6, "--seed", 2**64 - 1]
    assert answer.to_dict() == json.loads(command(*arguments))


def test_options_that_do_not_fit_are_named(tmp_path):
    near = line(tmp_path / "near.s2p")
    cases = [
        ({"lane_rate": "400G"}, 'lane rate is "400G", must be one of 100G, 200G'),
        ({"architecture": ["lpo", "xpo"]}, 'architecture is "xpo"'),
        ({"host_loss_db": 99}, "host_loss_db is 99, must lie between 0.1 and 60"),
        ({"host_loss_db": 5, "channel": near}, "host_loss_db is 5, must be left out"),
        ({"port_order": "1-2,3-4"}, "port_order is 1-2,3-4, must be left out"),
        ({"seed": -1}, "seed is -1, must lie between 0 and"),
        ({"seed": 2**64}, "seed is 18446744073709552000|seed is 1.8446744073709552e19"),
        ({"modules": 0}, "modules is 0, must lie between 1 and"),
        ({"threads": 0}, "threads is 0, must lie between 1 and 1024"),
        ({"threads": 4096}, "threads is 4096, must lie between 0 and 1024"),
        ({"set": {"optics.rin": -150}}, "optics.rin is not a field, must be one of"),
        ({"config": {"optic": {}}}, "optic is not a field, must be one of"),
        ({"set": {"optics.rin_db_hz": "low"}}, 'optics.rin_db_hz is "low", must be a number'),
        ({"set": {"optics.rin_db_hz": float("nan")}}, "optics.rin_db_hz is NaN"),
    ]
    for options, message in cases:
        with pytest.raises(pamlink.ConfigError, match=message):
            pamlink.compare(**options)
    for options, message in [
        ({"lane_rate": 100}, "lane_rate is 100, must be a word or a sequence of words"),
        ({"config": 3}, "config is int, must be the path of a TOML file or a mapping"),
        ({"set": {"optics.rin_db_hz": None}}, "optics.rin_db_hz is NoneType, must be a number"),
    ]:
        with pytest.raises(TypeError, match=message):
            pamlink.compare(**options)
