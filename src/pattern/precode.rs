//! Precoding 1/(1+D) modulo 4: turns an error burst of any length of a one-tap DFE into two errors.
//!
//! Transmitter: `p[k] = (d[k] - p[k-1]) mod 4`. Receiver: `d[k] = (r[k] + r[k-1]) mod 4`. Both start
//! from a previous symbol of 0. Reference: IEEE 802.3 clauses 120.5.7.2 and 176.9.1.2.

use super::check_at_most;
use crate::error::{Result, length};

/// The transmit side of the precoder, with its one symbol of state.
///
/// ```
/// use pamlink::pattern::{PrecodeDecoder, PrecodeEncoder};
/// let data = [3, 0, 1, 2, 2];
/// let mut line = [0; 5];
/// PrecodeEncoder::default().encode(&data, &mut line)?;
/// assert_eq!(line, [3, 1, 0, 2, 0]);
/// let mut back = [0; 5];
/// PrecodeDecoder::default().decode(&line, &mut back)?;
/// assert_eq!(back, data);
/// # Ok::<(), pamlink::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrecodeEncoder {
    last: u8,
}

impl PrecodeEncoder {
    /// Encodes a block: `line[k] = (data[k] - line[k-1]) mod 4`.
    ///
    /// Both slices have the same length, symbols 0..=3; any split of a stream into blocks gives the
    /// same line symbols. Cost: one subtraction modulo 4 per symbol. An error (lengths that differ,
    /// a symbol above 3, named with its index) leaves `line` and the state as they were.
    pub fn encode(&mut self, data: &[u8], line: &mut [u8]) -> Result<()> {
        length("line", data.len(), line.len())?;
        check_at_most("data", data, 3)?;
        // Kept modulo 256 between symbols: one operation in the chain instead of two.
        let mut p = self.last;
        for (out, &d) in line.iter_mut().zip(data) {
            p = d.wrapping_sub(p);
            *out = p & 3;
        }
        self.last = p & 3;
        Ok(())
    }

    /// [`Self::encode`] in the caller's buffer.
    pub fn encode_in_place(&mut self, symbols: &mut [u8]) -> Result<()> {
        check_at_most("symbols", symbols, 3)?;
        let mut p = self.last;
        for s in symbols {
            p = s.wrapping_sub(p);
            *s = p & 3;
        }
        self.last = p & 3;
        Ok(())
    }

    /// Back to a previous symbol of 0.
    pub fn reset(&mut self) {
        self.last = 0;
    }
}

/// The receive side of the precoder, with its one symbol of state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrecodeDecoder {
    last: u8,
}

impl PrecodeDecoder {
    /// Decodes a block: `data[k] = (line[k] + line[k-1]) mod 4`.
    ///
    /// Both slices have the same length, symbols 0..=3; any split of a stream into blocks gives the
    /// same data. A wrong line symbol makes two wrong data symbols; of a run of errors of
    /// alternating sign only the two ends remain. Cost: one addition modulo 4 per symbol. An error
    /// (lengths that differ, a symbol above 3, named with its index) leaves `data` and the state as
    /// they were.
    pub fn decode(&mut self, line: &[u8], data: &mut [u8]) -> Result<()> {
        length("data", line.len(), data.len())?;
        check_at_most("line", line, 3)?;
        let Some((&newest, _)) = line.split_last() else {
            return Ok(());
        };
        data[0] = (line[0] + self.last) & 3;
        for (out, pair) in data[1..].iter_mut().zip(line.windows(2)) {
            *out = (pair[0] + pair[1]) & 3;
        }
        self.last = newest;
        Ok(())
    }

    /// [`Self::decode`] in the caller's buffer.
    pub fn decode_in_place(&mut self, symbols: &mut [u8]) -> Result<()> {
        check_at_most("symbols", symbols, 3)?;
        let mut last = self.last;
        for s in symbols {
            let line = *s;
            *s = (line + last) & 3;
            last = line;
        }
        self.last = last;
        Ok(())
    }

    /// Back to a previous symbol of 0.
    pub fn reset(&mut self) {
        self.last = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_undoes_encoding_for_any_split(
            data in prop::collection::vec(0u8..4, 0..200),
            cut_a in 0usize..200,
            cut_b in 0usize..200,
        ) {
            let (a, b) = (cut_a.min(data.len()), cut_b.min(data.len()));
            let mut line = vec![0; data.len()];
            PrecodeEncoder::default().encode(&data, &mut line).unwrap();
            let mut previous = 0;
            for (p, d) in line.iter().zip(&data) {
                prop_assert_eq!(i32::from(*p), (i32::from(*d) - previous).rem_euclid(4));
                previous = i32::from(*p);
            }
            let mut split = data.clone();
            let mut encoder = PrecodeEncoder::default();
            let (head, tail) = split.split_at_mut(a);
            encoder.encode_in_place(head).unwrap();
            encoder.encode_in_place(tail).unwrap();
            prop_assert_eq!(&split, &line);
            let mut back = vec![0; data.len()];
            let mut decoder = PrecodeDecoder::default();
            decoder.decode(&line[..b], &mut back[..b]).unwrap();
            decoder.decode_in_place(&mut split[b..b]).unwrap();
            decoder.decode_in_place(&mut split[b..]).unwrap();
            back[b..].copy_from_slice(&split[b..]);
            prop_assert_eq!(back, data);
        }
    }

    #[test]
    fn a_burst_of_alternating_errors_leaves_its_two_ends() {
        let data: Vec<u8> = (0..40u32).map(|k| (k * k % 7 % 4) as u8).collect();
        let mut line = vec![0; 40];
        PrecodeEncoder::default().encode(&data, &mut line).unwrap();
        for k in 10..20 {
            line[k] = (line[k] + if k % 2 == 0 { 1 } else { 3 }) & 3;
        }
        PrecodeDecoder::default()
            .decode_in_place(&mut line)
            .unwrap();
        let wrong: Vec<usize> = (0..40).filter(|&k| line[k] != data[k]).collect();
        assert_eq!(wrong, [10, 20]);
    }

    #[test]
    fn mistakes_are_named_and_leave_buffers_and_state_alone() {
        let mut encoder = PrecodeEncoder { last: 2 };
        let mut out = [7u8; 3];
        let e = encoder.encode(&[0, 1, 4], &mut out).unwrap_err();
        assert_eq!(e.to_string(), "data[2] is 4, must lie between 0 and 3");
        assert!(encoder.encode(&[0, 1], &mut out).is_err());
        let mut decoder = PrecodeDecoder { last: 1 };
        assert!(decoder.decode(&[9, 1, 3], &mut out).is_err());
        assert!(decoder.decode(&[1], &mut out).is_err());
        assert_eq!(out, [7; 3]);
        let mut symbols = [1, 200];
        assert!(encoder.encode_in_place(&mut symbols).is_err());
        assert!(decoder.decode_in_place(&mut symbols).is_err());
        assert_eq!(symbols, [1, 200]);
        assert_eq!((encoder.last, decoder.last), (2, 1));
        encoder.reset();
        decoder.reset();
        assert_eq!(encoder, PrecodeEncoder::default());
        assert_eq!(decoder, PrecodeDecoder::default());
    }
}
