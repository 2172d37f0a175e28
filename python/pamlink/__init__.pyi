from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, SupportsFloat, SupportsIndex, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import cdr as cdr
from . import design as design
from . import fec as fec
from . import frontend as frontend
from . import optics as optics
from . import pattern as pattern

__all__ = [
    "ChannelError",
    "Comparison",
    "ConfigError",
    "Dfe",
    "Ffe",
    "Mlse",
    "ParseError",
    "ShapeError",
    "Simulation",
    "SingularError",
    "__version__",
    "cdr",
    "compare",
    "design",
    "fec",
    "frontend",
    "optics",
    "pattern",
    "simd_level",
    "simulate",
]

_Level: TypeAlias = Literal["baseline", "avx2", "avx512", "avx512icl"]
_LaneRate: TypeAlias = Literal["100G", "200G"]
_Architecture: TypeAlias = Literal["retimed", "lro", "lpo", "cpo"]
_Samples: TypeAlias = NDArray[np.float32]
_Symbols: TypeAlias = NDArray[np.uint8]

__version__: str

class ConfigError(ValueError):
    name: str
    value: float | str | None
    min: float | None
    max: float | None

class ShapeError(ValueError):
    name: str
    expected: int | tuple[int, ...]
    got: int | tuple[int, ...]

class ParseError(ValueError):
    path: str
    line: int

class ChannelError(ValueError):
    file: str | None

class SingularError(ArithmeticError):
    name: str
    rcond: float

@final
class Ffe:
    def __new__(
        cls,
        taps: ArrayLike,
        *,
        precursors: SupportsIndex = 0,
        level: _Level | None = None,
    ) -> Ffe: ...
    @property
    def taps(self) -> NDArray[np.float32]: ...
    @property
    def precursors(self) -> int: ...
    @property
    def level(self) -> _Level: ...
    def apply(self, x: _Samples, *, out: _Samples | None = None) -> _Samples: ...
    def process(self, x: _Samples, *, out: _Samples | None = None) -> _Samples: ...
    def flush(self, *, out: _Samples | None = None) -> _Samples: ...
    def reset(self) -> None: ...
    def __getnewargs_ex__(self) -> tuple[tuple[NDArray[np.float32]], dict[str, Any]]: ...

@final
class Dfe:
    def __new__(
        cls,
        taps: ArrayLike,
        *,
        levels: ArrayLike = (-3, -1, 1, 3),
        thresholds: ArrayLike | None = None,
        level: _Level | None = None,
    ) -> Dfe: ...
    @property
    def taps(self) -> NDArray[np.float32]: ...
    @property
    def levels(self) -> NDArray[np.float32]: ...
    @property
    def thresholds(self) -> NDArray[np.float32]: ...
    @property
    def level(self) -> _Level: ...
    def apply(self, x: _Samples, *, out: _Symbols | None = None) -> _Symbols: ...
    def apply_soft(
        self, x: _Samples, *, out: tuple[_Symbols, _Samples] | None = None
    ) -> tuple[_Symbols, _Samples]: ...
    def process(self, x: _Samples, *, out: _Symbols | None = None) -> _Symbols: ...
    def process_soft(
        self, x: _Samples, *, out: tuple[_Symbols, _Samples] | None = None
    ) -> tuple[_Symbols, _Samples]: ...
    def reset(self) -> None: ...
    def __getnewargs_ex__(self) -> tuple[tuple[NDArray[np.float32]], dict[str, Any]]: ...

@final
class Mlse:
    def __new__(
        cls,
        h: ArrayLike,
        *,
        levels: ArrayLike = (-3, -1, 1, 3),
        reduced: bool = False,
        depth: SupportsIndex = 64,
        level: _Level | None = None,
    ) -> Mlse: ...
    @property
    def h(self) -> NDArray[np.float32]: ...
    @property
    def levels(self) -> NDArray[np.float32]: ...
    @property
    def reduced(self) -> bool: ...
    @property
    def depth(self) -> int: ...
    @property
    def states(self) -> int: ...
    @property
    def level(self) -> _Level: ...
    def apply(self, x: _Samples, *, out: _Symbols | None = None) -> _Symbols: ...
    def soft(
        self, x: _Samples, *, sigma: SupportsFloat = 1.0, out: _Samples | None = None
    ) -> _Samples: ...
    def __getnewargs_ex__(self) -> tuple[tuple[NDArray[np.float32]], dict[str, Any]]: ...

@final
class Comparison:
    def to_json(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...

def compare(
    *,
    lane_rate: _LaneRate | Sequence[_LaneRate] | None = None,
    architecture: _Architecture | Sequence[_Architecture] | None = None,
    channel: str | PathLike[str] | None = None,
    channel_far: str | PathLike[str] | None = None,
    fext: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    next: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    port_order: str | None = None,
    host_loss_db: SupportsFloat | None = None,
    config: str | PathLike[str] | Mapping[str, Any] | None = None,
    set: Mapping[str, Any] | None = None,
    seed: SupportsIndex | None = None,
    modules: SupportsIndex | None = None,
    threads: SupportsIndex | None = None,
) -> Comparison: ...
def simd_level() -> _Level: ...

@final
class Simulation:
    def to_json(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...

def simulate(
    *,
    lane_rate: _LaneRate = "100G",
    architecture: _Architecture = "lpo",
    symbols: SupportsFloat = 1e8,
    fec: bool = False,
    waveform: bool = False,
    samples_per_ui: SupportsIndex | None = None,
    adapt: bool = False,
    ppm: SupportsFloat | None = None,
    channel: str | PathLike[str] | None = None,
    channel_far: str | PathLike[str] | None = None,
    fext: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    next: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    port_order: str | None = None,
    host_loss_db: SupportsFloat | None = None,
    config: str | PathLike[str] | Mapping[str, Any] | None = None,
    set: Mapping[str, Any] | None = None,
    seed: SupportsIndex | None = None,
    threads: SupportsIndex | None = None,
) -> Simulation: ...
