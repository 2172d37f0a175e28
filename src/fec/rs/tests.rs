//! Vectors and round trips of the whole codec.

use ndarray::Array2;

use super::*;

/// The message 0, 1, ... 513 of the published parity.
const KP4_RAMP: [u16; 30] = [
    76, 598, 13, 552, 444, 804, 166, 690, 397, 790, 68, 2, 783, 894, 33, 520, 333, 656, 603, 617,
    60, 946, 505, 632, 606, 741, 10, 595, 750, 987,
];
const KR4_RAMP: [u16; 14] = [
    50, 868, 380, 280, 841, 435, 1015, 875, 433, 667, 96, 823, 273, 57,
];

fn encoded(rs: &ReedSolomon, message: &[u16]) -> Vec<u16> {
    let mut word = vec![0; rs.code().n];
    rs.encode(message, &mut word).unwrap();
    word
}

#[test]
fn parity_of_the_published_messages() {
    let ramp: Vec<u16> = (0..514).collect();
    assert_eq!(encoded(&ReedSolomon::kp4(), &ramp)[514..], KP4_RAMP);
    assert_eq!(encoded(&ReedSolomon::kr4(), &ramp)[514..], KR4_RAMP);
    let mut last = [0; 514];
    last[513] = 1;
    for rs in [ReedSolomon::kp4(), ReedSolomon::kr4()] {
        let g = generator::generator(2 * rs.code().t);
        assert_eq!(encoded(&rs, &last)[514..], g[1..]);
    }
}

#[test]
fn errors_and_erasures_within_reach_are_corrected() {
    for rs in [ReedSolomon::kp4(), ReedSolomon::kr4()] {
        let t = rs.code().t;
        let sent = encoded(&rs, &(0..514).map(|i| i * 13 % 1024).collect::<Vec<_>>());
        for errors in 0..=t {
            for erased in 0..=2 * (t - errors) {
                let mut word = sent.clone();
                let at: Vec<usize> = (0..errors + erased).map(|e| (e * 37 + 5) % 528).collect();
                for &i in &at {
                    word[i] ^= (1 + i % 1023) as u16;
                }
                let decoded = rs.decode_with_erasures(&mut word, &at[errors..]).unwrap();
                let outcome = Outcome::Corrected {
                    errors: errors as u16,
                    erasures: erased as u16,
                };
                assert_eq!((decoded.outcome, &word), (outcome, &sent));
                let mut rising: Vec<u16> = at.iter().map(|&i| i as u16).collect();
                rising.sort_unstable();
                assert_eq!(decoded.positions(), rising);
            }
        }
    }
}

#[test]
fn rows_of_symbols_and_of_bytes_decode_alike() {
    let rs = ReedSolomon::kp4();
    let messages = Array2::from_shape_fn((7, 514), |(w, i)| (w * 101 + i * 7) as u16 % 1024);
    let mut words = Array2::zeros((7, 544));
    rs.encode_batch(messages.view(), words.view_mut()).unwrap();
    let sent = words.clone();
    for w in 0..7 {
        for e in 0..3 * w {
            words[[w, (e * 29 + w) % 544]] ^= 1 + e as u16;
        }
    }
    let received = words.clone();
    let (mut work, mut report) = (rs.workspace(), Report::new());
    rs.decode_batch(&mut work, words.view_mut(), &mut report)
        .unwrap();
    assert_eq!(report.uncorrectable(), 1);
    assert_eq!(words.row(6), received.row(6));
    assert_eq!(
        words.slice(ndarray::s![..6, ..]),
        sent.slice(ndarray::s![..6, ..])
    );
    assert_eq!(report.corrected_symbols(), 3 + 6 + 9 + 12 + 15);
    for order in [BitOrder::LsbFirst, BitOrder::MsbFirst] {
        let pack = |from: &Array2<u16>| {
            let mut bytes = Array2::zeros((7, packed_bytes(from.ncols())));
            for (row, mut to) in from.rows().into_iter().zip(bytes.rows_mut()) {
                let to = to.as_slice_mut().unwrap();
                pack_symbols(row.as_slice().unwrap(), order, to).unwrap();
            }
            bytes
        };
        let mut bytes = Array2::zeros((7, 680));
        rs.encode_packed(order, pack(&messages).view(), bytes.view_mut())
            .unwrap();
        assert_eq!(bytes, pack(&sent));
        let mut bytes = pack(&received);
        let mut packed_report = Report::new();
        rs.decode_packed(&mut work, order, bytes.view_mut(), &mut packed_report)
            .unwrap();
        assert_eq!(bytes, pack(&words));
        assert_eq!(packed_report, report);
    }
}
