from typing import Any, Literal, SupportsFloat, SupportsIndex, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Cdr"]

_Level: TypeAlias = Literal["baseline", "avx2", "avx512", "avx512icl"]
_Detector: TypeAlias = Literal["mueller_muller", "sign_mueller_muller", "alexander", "gardner"]

@final
class Cdr:
    def __new__(
        cls,
        *,
        lanes: SupportsIndex = 1,
        detector: _Detector = "mueller_muller",
        levels: ArrayLike = (-3, -1, 1, 3),
        baud_hz: SupportsFloat = 53.125e9,
        bandwidth_hz: SupportsFloat = 4e6,
        damping: SupportsFloat = 4.0,
        peaking_db: SupportsFloat | None = None,
        detector_gain: SupportsFloat = 1.0,
        block: SupportsIndex = 64,
        extra_latency_blocks: SupportsIndex = 1,
        phase_steps: SupportsIndex = 64,
        initial_phase_ui: SupportsFloat = 0.0,
        max_ppm: SupportsFloat = 500.0,
        probe_ui: SupportsFloat = 0.01,
        level: _Level | None = None,
    ) -> Cdr: ...
    @property
    def lanes(self) -> int: ...
    @property
    def block(self) -> int: ...
    @property
    def detector(self) -> _Detector: ...
    @property
    def level(self) -> _Level: ...
    @property
    def bandwidth_hz(self) -> float: ...
    @property
    def peaking_db(self) -> float: ...
    @property
    def phase_ui(self) -> NDArray[np.float64]: ...
    @property
    def frequency_ppm(self) -> NDArray[np.float64]: ...
    def update(
        self,
        samples: NDArray[np.float32],
        decided: NDArray[np.uint8],
        *,
        edges: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float64]: ...
    def lock(self) -> list[dict[str, Any]]: ...
    def transfer(self, f_hz: ArrayLike) -> NDArray[np.complex128]: ...
    def reset(self) -> None: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...
