//! Every kernel against its reference, at every level this machine has.

mod kernels {
    mod ffe;
    mod ffe_spaced;
}
