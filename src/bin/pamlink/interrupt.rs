//! Ctrl-C: the first one asks a simulation to stop, the second ends the command.

use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status of what was interrupted, as shells give it: 128 and the number of the signal.
pub(crate) const STATUS: u8 = 130;

static STOP: AtomicBool = AtomicBool::new(false);

/// What becomes true with the first Ctrl-C from now on.
pub(crate) fn flag() -> &'static AtomicBool {
    // Where no handler can be set the signal ends the command as ever.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(STATUS));
        }
    });
    &STOP
}
