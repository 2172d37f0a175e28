//! Rows of streams through a kernel that wants them interleaved.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::error::Result;

/// Samples of each stream that are turned at once.
const TILE: usize = 64;

/// Turns `[lane, n]` rows tile by tile, runs `work` from the interleaved samples to interleaved
/// symbols and turns those back. The shapes were checked.
pub(super) fn by_tiles(
    x: &ArrayView2<'_, i16>,
    d: &mut ArrayViewMut2<'_, u8>,
    mut work: impl FnMut(&[i16], &mut [u8]) -> Result<()>,
) -> Result<()> {
    let (streams, n) = x.dim();
    let (mut woven, mut symbols) = (vec![0; TILE * streams], vec![0; TILE * streams]);
    for from in (0..n).step_by(TILE) {
        let steps = TILE.min(n - from);
        let (woven, symbols) = (
            &mut woven[..steps * streams],
            &mut symbols[..steps * streams],
        );
        for (s, row) in x.rows().into_iter().enumerate() {
            for i in 0..steps {
                woven[i * streams + s] = row[from + i];
            }
        }
        work(woven, symbols)?;
        for (s, mut row) in d.rows_mut().into_iter().enumerate() {
            for i in 0..steps {
                row[from + i] = symbols[i * streams + s];
            }
        }
    }
    Ok(())
}
