//! Bad samples and wrong shapes.

use ndarray::{Array2, s};

use super::{plain, record};
use crate::Error;
use crate::cdr::{Cdr, CdrConfig, Detector, LockConfig, NotLocked};

#[test]
fn a_sample_that_is_not_finite_unlocks_its_own_lane_only() {
    for detector in Detector::ALL {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            let config = CdrConfig {
                block: 32,
                lock: LockConfig {
                    window_blocks: 16,
                    ..LockConfig::default()
                },
                ..plain(detector)
            };
            let cdr = Cdr::new(&config).unwrap();
            let (mut spoilt, mut clean) = (cdr.state(3).unwrap(), cdr.state(3).unwrap());
            for block in 0..32u64 {
                let data: Vec<_> = (0..3).map(|lane| record(block * 3 + lane, 32)).collect();
                let mut z = Array2::from_shape_fn((3, 32), |(l, k)| data[l][k].sample as f32);
                let mut x = Array2::from_shape_fn((3, 32), |(l, k)| data[l][k].edge as f32);
                let d = Array2::from_shape_fn((3, 32), |(l, k)| data[l][k].decided);
                cdr.update(&mut clean, z.view(), Some(x.view()), d.view())
                    .unwrap();
                if block == 20 {
                    z[[1, 31]] = bad;
                }
                if block == 24 {
                    x[[1, 7]] = bad;
                }
                cdr.update(&mut spoilt, z.view(), Some(x.view()), d.view())
                    .unwrap();
            }
            for lane in [0, 2] {
                assert_eq!(
                    spoilt.phase_ui(lane).to_bits(),
                    clean.phase_ui(lane).to_bits()
                );
                assert_eq!(spoilt.lock(lane).evidence.bad_blocks, 0);
            }
            assert!(spoilt.phase_ui(1).is_finite());
            // An edge that is large but finite only has a sign for Alexander, and none is read without.
            let edge_counts =
                detector == Detector::Gardner || detector == Detector::Alexander && bad != f32::MAX;
            let blocks = 1 + usize::from(edge_counts);
            assert_eq!(
                spoilt.lock(1).not_locked,
                Some(NotLocked::BadSamples { blocks, of: 16 }),
                "{detector:?} {bad}"
            );
        }
    }
}

#[test]
fn wrong_shapes_are_errors_and_change_nothing() {
    let cdr = Cdr::new(&plain(Detector::Alexander)).unwrap();
    let mut state = cdr.state(2).unwrap();
    let (z, d) = (Array2::<f32>::ones((2, 64)), Array2::<u8>::zeros((2, 64)));
    let before = format!("{state:?}");
    let text = |e: crate::Result<()>| e.unwrap_err().to_string();
    assert_eq!(
        text(cdr.update(&mut state, z.view(), None, d.view())),
        "edges is empty, needs at least one entry"
    );
    assert_eq!(
        text(cdr.update(&mut state, z.slice(s![..1, ..]), Some(z.view()), d.view())),
        "samples (lanes) has length 1, must be 2"
    );
    assert_eq!(
        text(cdr.update(&mut state, z.view(), Some(z.slice(s![.., ..63])), d.view())),
        "edges (symbols) has length 63, must be 64"
    );
    let wide = Array2::<f32>::ones((64, 2));
    assert!(matches!(
        cdr.update(&mut state, wide.t(), Some(z.view()), d.view()),
        Err(Error::NotContiguous { .. })
    ));
    let mut five = d.clone();
    five[[1, 3]] = 5;
    assert_eq!(
        text(cdr.update(&mut state, z.view(), Some(z.view()), five.view())),
        "decided[3] is 5, must lie between 0 and 3"
    );
    let other = Cdr::new(&plain(Detector::Gardner)).unwrap();
    assert!(matches!(
        other.update(&mut state, z.view(), Some(z.view()), d.view()),
        Err(Error::WrongType { .. })
    ));
    assert_eq!(before, format!("{state:?}"));
    assert!(cdr.state(0).is_err());
    assert!(state.place(2, 0.0, 0.0).is_err());
    assert!(state.place(0, f64::NAN, 0.0).is_err());
    assert!(state.place(0, 0.0, 501.0).is_err());
    assert!(state.set_detector_gain(0, 0.0).is_err());
    assert_eq!(before, format!("{state:?}"));
}
