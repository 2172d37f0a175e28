from typing import Any, Literal, SupportsFloat, SupportsIndex, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Adc"]

_Level: TypeAlias = Literal["baseline", "avx2", "avx512", "avx512icl"]
_Samples: TypeAlias = NDArray[np.float32]

@final
class Adc:
    def __new__(
        cls,
        *,
        slices: SupportsIndex = 32,
        bits: SupportsIndex = 7,
        full_scale: SupportsFloat = 1.0,
        offset: ArrayLike | None = None,
        gain: ArrayLike | None = None,
        skew_ui: ArrayLike | None = None,
        thermal_sigma: SupportsFloat = 0.0,
        aperture_ui: SupportsFloat = 0.0,
        seed: SupportsIndex = 0,
        level: _Level | None = None,
    ) -> Adc: ...
    @property
    def slices(self) -> int: ...
    @property
    def bits(self) -> int: ...
    @property
    def full_scale(self) -> float | None: ...
    @property
    def level(self) -> _Level: ...
    @property
    def samples(self) -> int: ...
    @property
    def clipped(self) -> int: ...
    @property
    def mismatches(self) -> dict[str, NDArray[np.float64]]: ...
    def process(
        self, x: _Samples, *, slope: _Samples | None = None, out: _Samples | None = None
    ) -> _Samples: ...
    def enob(
        self, *, amplitude: SupportsFloat = 1.0, record: SupportsIndex = 65536
    ) -> dict[str, Any]: ...
    def reset(self) -> None: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...
