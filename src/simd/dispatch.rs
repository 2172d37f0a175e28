//! From one generic kernel to a function that takes a [`super::Level`].

/// Makes `fn name(level: Level, args…) -> R` from a kernel generic over the lane traits.
///
/// ```text
/// dispatch! {
///     /// What it does.
///     pub(crate) fn fir(taps: &[f32], x: &[f32], y: &mut [f32]) =
///         base: kernel::fir::<Base, 12>, mid: kernel::fir::<Mid, 10>, top: kernel::fir::<Mid, 12>
/// }
/// ```
///
/// `base` is the portable instance, `mid` runs with AVX2 and FMA enabled, `top` with AVX-512 F, BW,
/// DQ and VL as well; an `icl`, which may follow, with GFNI, VBMI and VPCLMULQDQ on top of these. Every function between here and the lane operations must be
/// `#[inline(always)]`, or it loses the instructions.
macro_rules! dispatch {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? =
        base: $base:expr, mid: $mid:expr, top: $top:expr $(,)?) => {
        $(#[$meta])*
        #[allow(unsafe_code)]
        #[allow(clippy::too_many_arguments)]
        $vis fn $name(level: $crate::simd::Level, $($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn top($($arg: $type),*) $(-> $out)? {
                    $top($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn mid($($arg: $type),*) $(-> $out)? {
                    $mid($($arg),*)
                }
                // SAFETY: a `Level` comes from detection or is lowered from such a value, so these
                // instructions exist on this processor.
                if level.has_top() {
                    return unsafe { top($($arg),*) };
                }
                if level.has_mid() {
                    // SAFETY: as above.
                    return unsafe { mid($($arg),*) };
                }
            }
            let _ = level;
            $base($($arg),*)
        }
    };
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)? =
        base: $base:expr, mid: $mid:expr, top: $top:expr, icl: $icl:expr $(,)?) => {
        $(#[$meta])*
        #[allow(unsafe_code)]
        #[allow(clippy::too_many_arguments)]
        $vis fn $name(level: $crate::simd::Level, $($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(
                    enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,gfni,avx512vbmi,vpclmulqdq"
                )]
                #[allow(clippy::too_many_arguments)]
                fn icl($($arg: $type),*) $(-> $out)? {
                    $icl($($arg),*)
                }
                if level.has_icl() {
                    // SAFETY: as below.
                    return unsafe { icl($($arg),*) };
                }
            }
            $crate::simd::dispatch! {
                fn below($($arg: $type),*) $(-> $out)? = base: $base, mid: $mid, top: $top
            }
            below(level, $($arg),*)
        }
    };
}

pub(crate) use dispatch;
