//! Python bindings of `pamlink`: NumPy arrays in, NumPy arrays out, nothing computed here.
//!
//! One file per room. Streams are checked strictly ([`arrays`]), settings are read leniently
//! ([`settings`]), errors of the library become Python's in one place ([`error`]).

mod adc;
mod arrays;
mod cdr;
mod compare;
mod design;
mod dfe;
mod error;
mod fec;
mod ffe;
mod mlse;
mod optics;
mod pattern;
mod scenario;
mod settings;
mod simd;
mod simulate;

/// The compiled part of the package `pamlink`.
#[pyo3::pymodule(gil_used = false)]
mod _pamlink {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::adc::Adc;
    #[pymodule_export]
    use crate::cdr::Cdr;
    #[pymodule_export]
    use crate::compare::{Comparison, compare};
    #[pymodule_export]
    use crate::design::{Design, mmse};
    #[pymodule_export]
    use crate::dfe::Dfe;
    #[pymodule_export]
    use crate::error::{ChannelError, ConfigError, ParseError, ShapeError, SingularError};
    #[pymodule_export]
    use crate::fec::{
        Inner, ReedSolomon, ber_limit, cer_burst, cer_from_flr, cer_iid, flr, iep_limit,
    };
    #[pymodule_export]
    use crate::ffe::Ffe;
    #[pymodule_export]
    use crate::mlse::Mlse;
    #[pymodule_export]
    use crate::optics::{Eml, Mzm};
    #[pymodule_export]
    use crate::pattern::{prbs, prbs13q, prbs31q, ssprq};
    #[pymodule_export]
    use crate::simd::simd_level;
    #[pymodule_export]
    use crate::simulate::{Simulation, simulate};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", pamlink::report::json::VERSION)
    }
}
