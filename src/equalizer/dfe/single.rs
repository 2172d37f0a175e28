//! The feedback loop of one stream, symbol by symbol, in the arithmetic of the lanes (see
//! [`super::kernel`]); for short calls and for what a seam makes necessary.

use super::kernel::Table;

/// One stream without lanes.
struct Single<const K: usize> {
    table: [[f32; 4]; K],
    thresholds: [f32; 3],
    newest: f32,
    older: [f32; K],
}

impl<const K: usize> Single<K> {
    fn new(table: &Table, thresholds: &[f32; 3], pending: &[f32]) -> Self {
        Self {
            table: std::array::from_fn(|k| table[k]),
            thresholds: *thresholds,
            newest: pending[0],
            older: std::array::from_fn(|k| pending[1 + k]),
        }
    }

    /// The symbol and the slicer input.
    #[inline(always)]
    fn step(&mut self, x: f32) -> (u8, f32) {
        let t = &self.thresholds;
        let input = (x - self.older[0]) - self.newest;
        let s =
            usize::from(input >= t[0]) + usize::from(input >= t[1]) + usize::from(input >= t[2]);
        self.newest = self.table[0][s];
        if K > 1 {
            self.older[0] = self.older[1 % K];
            for k in 1..K - 1 {
                self.older[k] = self.older[k + 1] + self.table[k][s];
            }
            self.older[K - 1] = self.table[K - 1][s];
        }
        (s as u8, input)
    }

    fn store(&self, pending: &mut [f32]) {
        pending[0] = self.newest;
        pending[1..=K].copy_from_slice(&self.older);
    }
}

fn single<const K: usize, const SOFT: bool>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
) {
    let mut l = Single::<K>::new(table, thresholds, pending);
    let mut soft = y.iter_mut();
    for (&x, d) in x.iter().zip(d) {
        let (symbol, input) = l.step(x);
        *d = symbol;
        if SOFT && let Some(y) = soft.next() {
            *y = input;
        }
    }
    l.store(pending);
}

/// Decides again what `d` holds from another state, as far as the outcome can differ: until as
/// many decisions in a row as there are taps are what they were. Returns the symbols decided and
/// whether it came that far; if not, `pending` is the state at the end.
fn again<const K: usize, const SOFT: bool>(
    table: &Table,
    thresholds: &[f32; 3],
    x: &[f32],
    d: &mut [u8],
    y: &mut [f32],
    pending: &mut [f32],
) -> (usize, bool) {
    let zero = |row: &[f32; 4]| row.iter().all(|&c| c == 0.0);
    let memory = table
        .iter()
        .rposition(|row| !zero(row))
        .map_or(0, |k| k + 1);
    let mut l = Single::<K>::new(table, thresholds, pending);
    let mut soft = y.iter_mut();
    let mut equal = 0;
    for (i, (&x, d)) in x.iter().zip(d).enumerate() {
        let (symbol, input) = l.step(x);
        if SOFT && let Some(y) = soft.next() {
            *y = input;
        }
        equal = if symbol == *d { equal + 1 } else { 0 };
        *d = symbol;
        if equal >= memory {
            return (i + 1, true);
        }
    }
    l.store(pending);
    (x.len(), false)
}

/// Makes a function that runs the instance of another for the number of taps and for `y` empty or
/// as long as `x`.
macro_rules! one_stream {
    ($(#[$meta:meta])* $name:ident = $f:ident -> $out:ty) => {
        $(#[$meta])*
        pub(super) fn $name(
            table: &Table, t: &[f32; 3], x: &[f32], d: &mut [u8], y: &mut [f32], pending: &mut [f32],
        ) -> $out {
            macro_rules! instance {
                ($k:literal) => {
                    if y.is_empty() {
                        $f::<$k, false>(table, t, x, d, y, pending)
                    } else {
                        $f::<$k, true>(table, t, x, d, y, pending)
                    }
                };
            }
            match table.len() {
                0 | 1 => instance!(1),
                2 => instance!(2),
                3 => instance!(3),
                4 => instance!(4),
                5 => instance!(5),
                6..=8 => instance!(8),
                _ => instance!(16),
            }
        }
    };
}

one_stream! {
    /// [`single`] with the instance for the number of taps.
    single_any = single -> ()
}

one_stream! {
    /// [`again`] with the instance for the number of taps.
    again_any = again -> (usize, bool)
}
