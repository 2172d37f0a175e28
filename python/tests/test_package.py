"""The package as it is installed."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys

import pamlink

MODULES = (
    pamlink,
    pamlink.cdr,
    pamlink.design,
    pamlink.fec,
    pamlink.frontend,
    pamlink.optics,
    pamlink.pattern,
)


def test_the_installed_wheel_is_tested_and_not_the_source():
    place = pathlib.Path(pamlink.__file__).parent
    assert place.parent.name == "site-packages"
    assert (place / "py.typed").exists()
    assert importlib.metadata.version("pamlink") == pamlink.__version__


def test_public_names_exist_and_have_words():
    for module in MODULES:
        for name in module.__all__:
            thing = getattr(module, name)
            assert name.startswith("__") or thing.__doc__


def level_of(word: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import pamlink; print(pamlink.simd_level(), pamlink.Ffe([1]).level, pamlink.Dfe([]).level)"
    )
    environment = {**os.environ, "PAMLINK_SIMD": word}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )


def test_the_environment_lowers_the_level():
    assert level_of("baseline").stdout.split() == ["baseline"] * 3


def test_an_unknown_level_in_the_environment_is_reported():
    answer = level_of("sse9")
    assert answer.returncode == 1
    assert 'ConfigError: PAMLINK_SIMD is "sse9", must be one of baseline' in answer.stderr
