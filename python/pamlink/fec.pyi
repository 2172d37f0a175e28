from typing import Any, Literal, SupportsFloat, SupportsIndex, TypeAlias, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Inner",
    "ReedSolomon",
    "ber_limit",
    "cer_burst",
    "cer_from_flr",
    "cer_iid",
    "flr",
    "iep_limit",
    "inner",
    "kp4",
    "kr4",
]

_Level: TypeAlias = Literal["baseline", "avx2", "avx512", "avx512icl"]
_Code: TypeAlias = Literal["kp4", "kr4"]
_Symbols: TypeAlias = NDArray[np.uint16]
_Bits: TypeAlias = NDArray[np.uint8]

@final
class ReedSolomon:
    def __new__(cls, code: _Code = "kp4", *, level: _Level | None = None) -> ReedSolomon: ...
    @property
    def code(self) -> _Code: ...
    @property
    def n(self) -> int: ...
    @property
    def k(self) -> int: ...
    @property
    def t(self) -> int: ...
    @property
    def level(self) -> _Level: ...
    def encode(self, msg: _Symbols, *, out: _Symbols | None = None) -> _Symbols: ...
    def decode(
        self,
        words: _Symbols,
        *,
        erasures: NDArray[np.bool_] | None = None,
        out: tuple[_Symbols, NDArray[np.int16]] | None = None,
    ) -> tuple[_Symbols, NDArray[np.int16]]: ...
    def __getnewargs_ex__(self) -> tuple[tuple[_Code], dict[str, Any]]: ...

@final
class Inner:
    def __new__(
        cls,
        *,
        positions: SupportsIndex = 6,
        patterns: SupportsIndex = 42,
        bits: SupportsIndex | None = 8,
        full_scale: SupportsFloat = 12.0,
        level: _Level | None = None,
    ) -> Inner: ...
    @property
    def positions(self) -> int: ...
    @property
    def patterns(self) -> int: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def full_scale(self) -> float: ...
    @property
    def level(self) -> _Level: ...
    def encode(self, bits: _Bits, *, out: _Bits | None = None) -> _Bits: ...
    def decode_soft(
        self, llr: NDArray[np.float32], *, out: tuple[_Bits, NDArray[np.int8]] | None = None
    ) -> tuple[_Bits, NDArray[np.int8]]: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...

def kp4(*, level: _Level | None = None) -> ReedSolomon: ...
def kr4(*, level: _Level | None = None) -> ReedSolomon: ...
def inner(
    *,
    positions: SupportsIndex = 6,
    patterns: SupportsIndex = 42,
    bits: SupportsIndex | None = 8,
    full_scale: SupportsFloat = 12.0,
    level: _Level | None = None,
) -> Inner: ...
@overload
def cer_iid(ber: float, code: _Code = "kp4") -> float: ...
@overload
def cer_iid(ber: ArrayLike, code: _Code = "kp4") -> Any: ...
@overload
def ber_limit(cer: float, code: _Code = "kp4") -> float: ...
@overload
def ber_limit(cer: ArrayLike, code: _Code = "kp4") -> Any: ...
@overload
def flr(cer: float, *, interleave: SupportsIndex = 1) -> float: ...
@overload
def flr(cer: ArrayLike, *, interleave: SupportsIndex = 1) -> Any: ...
@overload
def cer_from_flr(flr: float, *, interleave: SupportsIndex = 1) -> float: ...
@overload
def cer_from_flr(flr: ArrayLike, *, interleave: SupportsIndex = 1) -> Any: ...
def cer_burst(
    iep: SupportsFloat,
    epf: SupportsFloat,
    *,
    interleave: SupportsIndex = 1,
    precoding: bool = False,
    bit_lanes: SupportsIndex = 1,
    code: _Code = "kp4",
) -> float: ...
def iep_limit(
    cer: SupportsFloat,
    epf: SupportsFloat,
    *,
    interleave: SupportsIndex = 1,
    precoding: bool = False,
    bit_lanes: SupportsIndex = 1,
    code: _Code = "kp4",
) -> float: ...
