"""Golden vectors of the Reed-Solomon codes, made by the Python package `galois`.

    python -m venv golden && golden/bin/pip install -r tests/golden/requirements.txt
    golden/bin/python tests/golden/generate.py          # writes kp4.json and kr4.json here
    golden/bin/python tests/golden/generate.py --check  # makes them anew and compares

Field, encoder and decoder are galois' own. Its decoder knows no erasures, so the answers of the
erasure vectors are not decoded: they are the codeword that was sent where the code guarantees it,
and beyond that the solution of the parity-check equations by galois' linear algebra.

Symbols stand in sent order, the first the coefficient of the highest power. Errors and corrections
are pairs of lists, positions and what to add (xor) there.
"""

import argparse
import json
import pathlib
import platform
import sys

import galois
import numpy as np

HERE = pathlib.Path(__file__).parent
CODES = {"kp4": (544, 514), "kr4": (528, 514)}
# Received words of each number of errors.
WORDS = 8
# Errors beyond t that are tried.
BEYOND = 5

FIELD = galois.GF(2**10, irreducible_poly=0x409, primitive_element=2)


class Maker:
    """One code, its codewords and the vectors made of them."""

    def __init__(self, name):
        self.n, self.k = CODES[name]
        self.checks = self.n - self.k
        self.t = self.checks // 2
        self.rng = np.random.default_rng([0x409, self.n])
        self.code = galois.ReedSolomon(
            1023, 1023 - self.checks, field=FIELD, alpha=FIELD.primitive_element, c=0
        )
        ramp = np.arange(self.k)
        last = np.zeros(self.k, int)
        last[-1] = 1
        random = self.rng.integers(0, 1024, (5, self.k))
        self.messages = FIELD(np.vstack([ramp, last, np.zeros(self.k, int), random]))
        self.words = self.code.encode(self.messages)
        # Rows j: powers of alpha^j of the positions.
        powers = np.arange(self.n - 1, -1, -1)
        self.parity_check = FIELD.primitive_element ** (
            np.outer(np.arange(self.checks), powers) % 1023
        )
        assert not np.any(self.parity_check @ self.words.T)

    def places(self, count):
        return np.sort(self.rng.choice(self.n, count, replace=False))

    def values(self, count):
        return self.rng.integers(1, 1024, count)

    def received(self):
        """Random errors of each number, decoded by galois in one call."""
        made = []
        for errors in range(self.t + BEYOND + 1):
            for _ in range(WORDS):
                word = int(self.rng.integers(len(self.words)))
                made.append((word, self.places(errors), self.values(errors)))
        # Rare in nature: words within t of a codeword that was not sent. What is added is a part
        # of a codeword of the least weight.
        for errors in (self.t + 1, self.t + 2, self.t + 5):
            places = self.places(self.checks + 1)
            (values,) = self.parity_check[:, places].null_space()
            assert np.all(values != 0)
            values = np.array(values, int)
            part = np.sort(self.rng.choice(self.checks + 1, errors, replace=False))
            made.append((len(self.words) - 1, places[part], values[part]))
        words = np.array(self.words, int)[[word for word, _, _ in made]]
        for row, (_, places, values) in zip(words, made, strict=True):
            row[places] ^= values
        decoded, corrected = self.code.decode(
            FIELD(words), output="codeword", errors=True
        )
        vectors = []
        for row, answer, count, (word, places, values) in zip(
            words, np.array(decoded, int), corrected, made, strict=True
        ):
            vector = {"word": word, "errors": pair(places, values), "corrections": None}
            if count >= 0:
                changed = row ^ answer
                where = np.flatnonzero(changed)
                assert len(where) == count
                vector["corrections"] = pair(where, changed[where])
            within = len(places) <= self.t
            assert not within or vector["corrections"] == vector["errors"]
            vectors.append(vector)
        random = vectors[:-3]
        beyond = [v for v in random if len(v["errors"][0]) > self.t]
        assert len(beyond) == WORDS * BEYOND and all(
            v["corrections"] is None for v in beyond
        )
        assert all(v["corrections"] is not None for v in vectors[-3:])
        return vectors

    def erasures(self):
        """Erased positions (right values among them) and errors elsewhere."""
        checks, vectors = self.checks, []
        counts = [
            (erased, errors)
            for erased in {1, 2, 3, self.t, self.t + 1, checks - 2, checks - 1, checks}
            for errors in {0, 1, (checks - erased) // 2}
            if erased + 2 * errors <= checks
        ]
        # One error more than there is room for.
        counts += [(checks - 1, 1), (checks, 1)]
        for erased, errors in sorted(counts):
            word = int(self.rng.integers(len(self.words)))
            places = self.rng.choice(self.n, erased + errors, replace=False)
            erased_at, wrong_at = np.sort(places[:erased]), places[erased:]
            # Some erased symbols have the right value.
            values = self.rng.integers(0, 1024, erased) * (
                self.rng.random(erased) < 0.8
            )
            where = np.concatenate([erased_at[values != 0], wrong_at])
            added = np.concatenate([values[values != 0], self.values(errors)])
            order = np.argsort(where)
            errors_made = pair(where[order], added[order])
            corrections = errors_made
            if erased + 2 * errors > checks:
                corrections = self.solved(erased_at, errors_made)
            vectors.append(
                {
                    "word": word,
                    "erased": erased_at.tolist(),
                    "errors": errors_made,
                    "corrections": corrections,
                }
            )
        return vectors

    def solved(self, erased, errors):
        """Corrections at the erased positions alone that make a codeword, if there are any."""
        places, values = errors
        syndromes = self.parity_check[:, places] @ FIELD(values)
        columns = self.parity_check[:, erased]
        if len(erased) < self.checks:
            both = FIELD(np.column_stack([columns, syndromes]))
            assert np.linalg.matrix_rank(both) == len(erased) + 1
            return None
        answer = np.linalg.solve(columns, syndromes)
        changed = np.asarray(answer)
        return pair(erased[changed != 0], changed[changed != 0])

    def document(self):
        parity = np.asarray(self.words)[:, self.k :]
        return {
            "peer": f"galois {galois.__version__}",
            "made_with": f"{platform.python_implementation()} "
            f"{sys.version_info.major}.{sys.version_info.minor}, numpy {np.__version__}",
            "code": f"galois.ReedSolomon(1023, {1023 - self.checks}, alpha=2, c=0), shortened",
            "polynomial": int(FIELD.irreducible_poly),
            "primitive_element": int(FIELD.primitive_element),
            "n": self.n,
            "k": self.k,
            "t": self.t,
            "generator": np.asarray(self.code.generator_poly.coeffs).tolist(),
            "field": field(self.rng),
            "words": [
                {"message": m.tolist(), "parity": p.tolist()}
                for m, p in zip(np.asarray(self.messages), parity, strict=True)
            ],
            "received": self.received(),
            "erasures": self.erasures(),
        }


def field(rng):
    """Products, inverses and powers of alpha: `[a, b, a b]`, `[a, 1 / a]`, `[i, alpha^i]`."""
    a, b = FIELD(rng.integers(1, 1024, 60)), FIELD(rng.integers(0, 1024, 60))
    powers = rng.integers(0, 1023, 60)
    lists = {
        "products": [a, b, a * b],
        "inverses": [a, FIELD(1) / a],
        "powers": [powers, FIELD.primitive_element**powers],
    }
    return {name: np.array(columns).T.tolist() for name, columns in lists.items()}


def pair(places, values):
    return [np.asarray(places).tolist(), np.asarray(values).tolist()]


def text(document):
    """JSON with one vector to a line."""
    compact = json.JSONEncoder(separators=(",", ":")).encode
    lines = []
    for name, value in document.items():
        if name in ("words", "received", "erasures"):
            value = "[\n" + ",\n".join(compact(vector) for vector in value) + "\n]"
        else:
            value = compact(value)
        lines.append(f"{compact(name)}: {value}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="compare with the files that are there"
    )
    check = parser.parse_args().check
    differ = []
    for name in CODES:
        made, path = text(Maker(name).document()), HERE / f"{name}.json"
        if not check:
            path.write_text(made)
        elif path.read_text() != made:
            differ.append(path.name)
    if differ:
        sys.exit(f"{', '.join(differ)}: not what this generator makes")


if __name__ == "__main__":
    main()
