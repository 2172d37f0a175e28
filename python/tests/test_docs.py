"""Documentation: complete, in numpydoc's form, and its examples true."""

import doctest
import inspect
import pathlib
import re
import subprocess
import sys

import numpy as np
import numpydoc.docscrape
import pytest

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
SOURCE = pathlib.Path(__file__).parent.parent


def documented():
    """Every public module, class, method and function by its dotted name."""
    found = {}
    for module in MODULES:
        found[module.__name__] = module
        for name in module.__all__:
            thing = getattr(module, name)
            if isinstance(thing, (str, type(pamlink))):
                continue
            path = f"{module.__name__}.{name}"
            found[path] = thing
            if inspect.isclass(thing) and not issubclass(thing, Exception):
                for member in vars(thing):
                    if not member.startswith("_"):
                        found[f"{path}.{member}"] = getattr(thing, member)
    return found


THINGS = documented()
CALLABLES = [n for n, t in THINGS.items() if inspect.isroutine(t)]


@pytest.mark.parametrize("name", THINGS)
def test_examples_are_true(name):
    text = inspect.getdoc(THINGS[name])
    assert text, f"{name} has no documentation"
    names = {"np": np, "pamlink": pamlink}
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    runner.run(test)
    assert runner.failures == 0


@pytest.mark.parametrize("name", CALLABLES)
def test_calls_document_what_they_take_and_give(name):
    thing = THINGS[name]
    doc = numpydoc.docscrape.NumpyDocString(inspect.getdoc(thing))
    told = [p.name for p in doc["Parameters"]]
    taken = [p for p in inspect.signature(thing).parameters if p != "self"]
    assert told == taken
    assert doc["Summary"] and doc["Summary"][-1].endswith(".")
    assert all(p.desc for section in ("Parameters", "Returns", "Raises") for p in doc[section])
    if not name.endswith((".reset",)):
        assert doc["Returns"]
    if not name.endswith((".to_json", ".to_dict")):
        assert doc["Examples"]


@pytest.mark.parametrize(
    "name",
    [
        "pamlink.Ffe",
        "pamlink.Dfe",
        "pamlink.Mlse",
        "pamlink.cdr.Cdr",
        "pamlink.fec.ReedSolomon",
        "pamlink.fec.Inner",
        "pamlink.frontend.Adc",
        "pamlink.optics.Eml",
        "pamlink.optics.Mzm",
    ],
)
def test_classes_document_their_settings(name):
    thing = THINGS[name]
    doc = numpydoc.docscrape.NumpyDocString(inspect.getdoc(thing))
    assert [p.name for p in doc["Parameters"]] == list(inspect.signature(thing).parameters)
    assert doc["Examples"]


def test_the_example_runs():
    done = subprocess.run(
        [sys.executable, SOURCE / "examples" / "quickstart.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    designed, found = map(float, re.findall(r"([\d.]+) dB", lines[0]))
    # 65 000 squared errors: a standard deviation of 0.024 dB.
    assert abs(designed - found) < 0.1
    assert lines[-2].startswith("100G lpo: closes")


def test_the_readme_runs(capsys):
    text = (SOURCE / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert "Does it close" in capsys.readouterr().out
