"""What the tests share."""

from collections.abc import Callable

import hypothesis
import numpy as np
import pytest

# Timings belong to benchmarks; a loaded machine must not fail a property.
hypothesis.settings.register_profile(
    "pamlink", deadline=None, max_examples=60, database=None, derandomize=True
)
hypothesis.settings.load_profile("pamlink")


@pytest.fixture
def noise() -> Callable[..., np.ndarray]:
    """Samples of unit variance, the same in every run."""
    rng = np.random.default_rng(7)
    return lambda *shape: rng.standard_normal(shape).astype(np.float32)
