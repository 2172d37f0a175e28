//! Mistakes are named and leave the caller's buffers alone.

use super::*;
use crate::Error;

fn text<T>(result: std::result::Result<T, Error>) -> String {
    result.err().map_or_else(String::new, |e| e.to_string())
}

#[test]
fn codes_that_cannot_be_served() {
    let refused = |code: RsCode| text(ReedSolomon::new(code));
    let mut code = KP4;
    code.symbol_bits = 8;
    assert_eq!(refused(code), "code.symbol_bits is 8, must be 10");
    code = KP4;
    code.t = 14;
    assert_eq!(refused(code), "code.t is 14, must be (n - k) / 2 = 15");
    code = KP4;
    code.k = 515;
    assert!(refused(code).contains("code.n - code.k is 29"));
    for (n, k) in [
        (1024usize, 1000usize),
        (10, 0),
        (10, 10),
        (10, 12),
        (0, 0),
        (100, 66),
    ] {
        let t = n.saturating_sub(k) / 2;
        let error = refused(RsCode { n, k, t, ..KP4 });
        assert!(error.contains("must lie between"), "{n} {k}: {error}");
    }
}

#[test]
fn words_that_cannot_be_read() {
    let rs = ReedSolomon::kr4();
    let mut word = vec![3; 528];
    let mut message = vec![1; 514];
    assert!(text(rs.encode(&message[1..], &mut word)).contains("message has length 513"));
    assert!(text(rs.encode(&message, &mut word[1..])).contains("word has length 527"));
    message[100] = 1024;
    let error = "message[100] is 1024, must lie between 0 and 1023";
    assert_eq!(text(rs.encode(&message, &mut word)), error);
    assert_eq!(word, [3; 528]);

    assert!(text(rs.decode(&mut word[1..])).contains("word has length 527"));
    word[527] = 40000;
    let received = word.clone();
    let error = "word[527] is 40000, must lie between 0 and 1023";
    assert_eq!(text(rs.decode(&mut word)), error);
    assert_eq!(text(rs.decode_with_erasures(&mut word, &[1])), error);
    assert_eq!(word, received);
}

#[test]
fn erasures_that_make_no_sense() {
    let rs = ReedSolomon::kr4();
    let mut word = vec![3; 528];
    let mut refused = |erasures: &[usize]| text(rs.decode_with_erasures(&mut word, erasures));
    let many: Vec<usize> = (0..15).collect();
    assert_eq!(
        refused(&many),
        "erasures.len() is 15, must lie between 0 and 14"
    );
    assert_eq!(
        refused(&[1, 528]),
        "erasures[1] is 528, must lie between 0 and 527"
    );
    let twice = refused(&[7, 9, 7]);
    assert!(
        twice.contains("erasures[2] is 7") && twice.contains("erasures[0]"),
        "{twice}"
    );
    assert_eq!(word, [3; 528]);
}

#[test]
fn batches_that_cannot_be_read() {
    let rs = ReedSolomon::kp4();
    let mut report = Report::new();
    let mut work = rs.workspace();
    let mut words = Array2::zeros((4, 544));
    rs.decode_batch(&mut work, words.view_mut(), &mut report)
        .unwrap();
    let before = report.clone();
    words[[0, 5]] = 1;
    words[[2, 17]] = 1500;
    let received = words.clone();
    let error = "words[2][17] is 1500, must lie between 0 and 1023";
    assert_eq!(
        text(rs.decode_batch(&mut work, words.view_mut(), &mut report)),
        error
    );
    let mut narrow = Array2::zeros((4, 543));
    assert!(!text(rs.decode_batch(&mut work, narrow.view_mut(), &mut report)).is_empty());
    let mut turned = Array2::zeros((544, 4));
    let view = turned.view_mut().reversed_axes();
    assert!(text(rs.decode_batch(&mut work, view, &mut report)).contains("not contiguous"));
    let mut bytes = Array2::zeros((4, 679));
    let order = BitOrder::LsbFirst;
    assert!(!text(rs.decode_packed(&mut work, order, bytes.view_mut(), &mut report)).is_empty());
    assert_eq!((&words, &report), (&received, &before));

    let mut messages = Array2::zeros((4, 514));
    messages[[3, 0]] = 1024;
    let error = "messages[3][0] is 1024, must lie between 0 and 1023";
    assert_eq!(
        text(rs.encode_batch(messages.view(), words.view_mut())),
        error
    );
    let few = messages.slice(ndarray::s![..2, ..]);
    assert!(text(rs.encode_batch(few, words.view_mut())).contains("words has length 4"));
    assert_eq!(words, received);
}

#[test]
fn a_workspace_of_another_code_serves_and_no_words_are_no_mistake() {
    let (kp4, kr4) = (ReedSolomon::kp4(), ReedSolomon::kr4());
    let (mut work, mut report) = (kr4.workspace(), Report::new());
    for count in [0, 1, 700] {
        let mut words = Array2::zeros((count, 544));
        words.column_mut(7).fill(9);
        kp4.decode_batch(&mut work, words.view_mut(), &mut report)
            .unwrap();
        assert_eq!(report.corrected_symbols(), count as u64);
        assert!(words.iter().all(|&s| s == 0));
    }
}
