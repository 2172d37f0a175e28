"""`simulate` equals the command line; Ctrl-C ends it."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import pamlink

COMMAND = os.environ.get("PAMLINK_COMMAND")
SMALL = {"architecture": "cpo", "symbols": 2e5}


def command(*arguments):
    """What ``pamlink simulate --json`` prints."""
    if COMMAND is None:
        pytest.fail("PAMLINK_COMMAND must be the path of the `pamlink` command")
    done = subprocess.run(
        [COMMAND, "simulate", "--json", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def without_speed(answer):
    """The answer without what differs from run to run."""
    for segment in answer["segments"]:
        assert segment.pop("msym_per_s") > 0
    return answer


def line(path, strength_db):
    """A matched coupling or line of constant strength as a two-port file, 1 ns long."""
    f = np.linspace(0, 120e9, 2401)
    s21 = 10 ** (strength_db / 20) * np.exp(-2j * np.pi * f * 1e-9)
    rows = [
        f"{a:.6e} 0 0 {s.real:.9e} {s.imag:.9e} {s.real:.9e} {s.imag:.9e} 0 0"
        for a, s in zip(f, s21, strict=True)
    ]
    path.write_text("# Hz S RI R 50\n" + "\n".join(rows) + "\n")
    return path


def test_it_equals_the_command():
    answer = pamlink.simulate(**SMALL, seed=3, set={"receiver.host_cpo.enob": 4.0})
    told = command(
        *["--architecture", "cpo", "--symbols", "2e5", "--seed", 3],
        *["--set", "receiver.host_cpo.enob=4.0"],
    )
    assert without_speed(answer.to_dict()) == without_speed(told)
    assert repr(answer) == "Simulation(100G cpo, 1 segment)"
    assert "in the time domain" in str(answer)


def test_aggressors_equal_the_command(tmp_path):
    near = line(tmp_path / "thru.s2p", -8.0)
    fext, next_ = line(tmp_path / "fext.s2p", -45.0), line(tmp_path / "next.s2p", -45.0)
    answer = pamlink.simulate(
        architecture="retimed", symbols=1e5, channel=near, fext=[fext], next=next_, threads=1
    )
    told = command(
        *["--architecture", "retimed", "--symbols", "1e5", "--channel", near],
        *["--fext", fext, "--next", next_],
    )
    assert without_speed(answer.to_dict()) == without_speed(told)
    assert "FEXT fext.s2p" in answer.to_dict()["channel"]
    cells = pamlink.compare(lane_rate="100G", architecture="lpo", channel=near, fext=fext).to_dict()
    assert cells["channel"]["fext"] == ["fext.s2p"]


def test_options_that_do_not_fit_are_named():
    for options, message in [
        ({"lane_rate": "400G"}, "lane rate is"),
        ({"architecture": "xpo"}, 'architecture is "xpo"'),
        ({"symbols": 0.5}, "symbols"),
        ({"symbols": 1e16}, "symbols"),
        ({"samples_per_ui": 3}, "samples_per_ui"),
        ({"ppm": 1e5}, "ppm_offset"),
    ]:
        with pytest.raises(pamlink.ConfigError, match=message):
            pamlink.simulate(**options)
    with pytest.raises(TypeError, match="fext is 3, must be a path or a sequence of paths"):
        pamlink.simulate(fext=3)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_it_soon():
    code = "import pamlink; print('go', flush=True); pamlink.simulate(symbols=1e12)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "go\n"
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in err
