//! The whole codec: published vectors here, properties in the files below.

mod beyond;
mod long;
mod mistakes;
mod rounds;

use ndarray::Array2;

use super::*;

/// The parity of the message 0, 1, ... 513.
const KP4_RAMP: [u16; 30] = [
    76, 598, 13, 552, 444, 804, 166, 690, 397, 790, 68, 2, 783, 894, 33, 520, 333, 656, 603, 617,
    60, 946, 505, 632, 606, 741, 10, 595, 750, 987,
];
const KR4_RAMP: [u16; 14] = [
    50, 868, 380, 280, 841, 435, 1015, 875, 433, 667, 96, 823, 273, 57,
];

fn general_code(n: usize, k: usize) -> RsCode {
    RsCode {
        name: "general",
        n,
        k,
        t: (n - k) / 2,
        symbol_bits: 10,
    }
}

fn encoded(rs: &ReedSolomon, message: &[u16]) -> Vec<u16> {
    let mut word = vec![0; rs.code().n];
    rs.encode(message, &mut word).unwrap();
    word
}

fn each_level(code: RsCode) -> impl Iterator<Item = ReedSolomon> {
    let levels = Level::all().into_iter();
    levels.map(move |level| ReedSolomon::with_level(code, level).unwrap())
}

/// A codeword of the least weight, `2t + 1`, with these `2t + 1` positions: one symbol is given, the
/// others are filled in as erasures.
fn light_codeword(code: RsCode, support: &[usize]) -> Vec<u16> {
    let rs = ReedSolomon::new(code).unwrap();
    assert_eq!(support.len(), 2 * code.t + 1);
    let mut word = vec![0; code.n];
    word[support[0]] = 1;
    let decoded = rs.decode_with_erasures(&mut word, &support[1..]).unwrap();
    let expected = Outcome::Corrected {
        errors: 0,
        erasures: 2 * code.t as u16,
    };
    assert_eq!(decoded.outcome, expected);
    assert_eq!(word.iter().filter(|&&s| s != 0).count(), support.len());
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
fn rows_of_symbols_and_of_bytes_decode_alike() {
    for rs in each_level(KP4) {
        rows_and_bytes(&rs, 7);
        rows_and_bytes(&rs, 300);
    }
}

fn rows_and_bytes(rs: &ReedSolomon, count: usize) {
    let messages = Array2::from_shape_fn((count, 514), |(w, i)| (w * 101 + i * 7) as u16 % 1024);
    let mut words = Array2::zeros((count, 544));
    rs.encode_batch(messages.view(), words.view_mut()).unwrap();
    let mut sent = words.clone();
    let weight = |w: usize| 3 * (w % 7);
    for w in 0..count {
        for e in 0..weight(w) {
            words[[w, (e * 29 + w) % 544]] ^= 1 + e as u16;
        }
    }
    let received = words.clone();
    let (mut work, mut report) = (rs.workspace(), Report::new());
    rs.decode_batch(&mut work, words.view_mut(), &mut report)
        .unwrap();
    let mut corrected = 0;
    for w in 0..count {
        if weight(w) > 15 {
            sent.row_mut(w).assign(&received.row(w));
            assert_eq!(report.outcomes()[w], Outcome::Uncorrectable);
        } else {
            corrected += weight(w) as u64;
            assert_eq!(report.outcomes()[w].errors(), Some(weight(w) as u16));
            let mut at: Vec<u16> = (0..weight(w))
                .map(|e| ((e * 29 + w) % 544) as u16)
                .collect();
            at.sort_unstable();
            assert_eq!(report.positions(w), at);
        }
    }
    assert_eq!(words, sent);
    assert_eq!(report.corrected_symbols(), corrected);
    assert_eq!(
        report.uncorrectable(),
        (0..count).filter(|w| w % 7 == 6).count()
    );
    assert_eq!(
        report.histogram()[3],
        (0..count).filter(|w| w % 7 == 1).count() as u64
    );
    // Rows that do not follow each other, of an array with wider rows and in reverse.
    let mut wide = Array2::zeros((count, 560));
    for (w, mut row) in wide.rows_mut().into_iter().enumerate() {
        row.slice_mut(ndarray::s![..544])
            .assign(&received.row(count - 1 - w));
    }
    let mut turned = Report::new();
    let view = wide.slice_mut(ndarray::s![..;-1, ..544]);
    rs.decode_batch(&mut work, view, &mut turned).unwrap();
    assert_eq!(turned, report);
    assert_eq!(wide.slice(ndarray::s![..;-1, ..544]), words);

    for order in [BitOrder::LsbFirst, BitOrder::MsbFirst] {
        let pack = |from: &Array2<u16>| {
            let mut bytes = Array2::zeros((count, packed_bytes(from.ncols())));
            for (row, mut to) in from.rows().into_iter().zip(bytes.rows_mut()) {
                let to = to.as_slice_mut().unwrap();
                pack_symbols(row.as_slice().unwrap(), order, to).unwrap();
            }
            bytes
        };
        let mut bytes = Array2::zeros((count, 680));
        rs.encode_packed(order, pack(&messages).view(), bytes.view_mut())
            .unwrap();
        let mut again = Array2::zeros((count, 544));
        rs.encode_batch(messages.view(), again.view_mut()).unwrap();
        assert_eq!(bytes, pack(&again));
        let mut bytes = pack(&received);
        let mut packed_report = Report::new();
        rs.decode_packed(&mut work, order, bytes.view_mut(), &mut packed_report)
            .unwrap();
        assert_eq!(bytes, pack(&words));
        assert_eq!(packed_report, report);
    }
}
