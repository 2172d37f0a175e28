//! Slicer kernels against the reference at every level; errors leave buffers alone.

use ndarray::{Array2, s};
use proptest::prelude::*;

use super::{Slicer, SlicerConfig, reference};
use crate::{Error, Level};

fn slicers(config: &SlicerConfig) -> Vec<Slicer> {
    let made: Vec<Slicer> = Level::all()
        .into_iter()
        .map(|level| {
            let slicer = Slicer::with_level(config, level).unwrap();
            assert_eq!(slicer.level(), level);
            slicer
        })
        .collect();
    assert_eq!(made.last().unwrap().level(), Level::detected());
    made
}

/// Samples that include the thresholds themselves, signed zeros, infinities and NaN.
fn sample() -> impl Strategy<Value = f32> {
    prop_oneof![
        6 => -5.0f32..5.0,
        2 => prop::sample::select(vec![-2.0f32, 0.0, -0.0, 2.0]),
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]),
    ]
}

proptest! {
    #[test]
    fn decisions_and_values_equal_the_reference(
        x in prop::collection::vec(sample(), 0..200),
        thresholds in prop::option::of(Just([-1.5f32, 0.25, 1.0])),
    ) {
        let config = SlicerConfig { thresholds, ..SlicerConfig::default() };
        for slicer in slicers(&config) {
            let (mut d, mut expected) = (vec![9; x.len()], vec![0; x.len()]);
            slicer.slice(&x, &mut d).unwrap();
            reference::slice(&x, &slicer.thresholds(), &mut expected);
            prop_assert_eq!(&d, &expected);
            let (mut y, mut value) = (vec![9.0; x.len()], vec![0.0; x.len()]);
            slicer.values(&d, &mut y).unwrap();
            reference::values(&d, &slicer.levels(), &mut value);
            prop_assert_eq!(y, value);
        }
    }

    #[test]
    fn lanes_equal_rows(lanes in 0usize..5, n in 0usize..70) {
        let x = Array2::from_shape_fn((lanes, n), |(l, i)| ((l * 31 + i * 7) % 13) as f32 - 6.0);
        for slicer in slicers(&SlicerConfig::default()) {
            let mut d = Array2::zeros((lanes, n));
            slicer.slice_lanes(x.view(), d.view_mut()).unwrap();
            let mut y = Array2::zeros((lanes, n));
            slicer.values_lanes(d.view(), y.view_mut()).unwrap();
            for ((x, d), y) in x.iter().zip(&d).zip(&y) {
                prop_assert_eq!(*d, reference::decide(*x, &slicer.thresholds()));
                prop_assert_eq!(*y, slicer.levels()[usize::from(*d)]);
            }
        }
    }
}

#[test]
fn mistakes_are_named_and_leave_the_output_alone() {
    let slicer = Slicer::new(&SlicerConfig::default()).unwrap();
    let mut y = [7.0; 3];
    let error = slicer.values(&[0, 4, 1], &mut y).unwrap_err();
    assert_eq!(
        error.to_string(),
        "symbols[1] is 4, must lie between 0 and 3"
    );
    assert_eq!(y, [7.0; 3]);
    assert!(matches!(
        slicer.slice(&[0.0], &mut [0, 0]),
        Err(Error::Length { .. })
    ));
    let x = Array2::<f32>::zeros((4, 6));
    let mut d = Array2::from_elem((6, 4), 9);
    assert!(matches!(
        slicer.slice_lanes(x.t(), d.view_mut()),
        Err(Error::NotContiguous { .. })
    ));
    assert!(matches!(
        slicer.slice_lanes(x.slice(s![.., ..5]), d.view_mut()),
        Err(Error::Length { .. })
    ));
    assert!(d.iter().all(|&s| s == 9));
    for (levels, thresholds) in [
        ([0.0, 1.0, 1.0, 2.0], None),
        ([0.0, 1.0, f32::NAN, 2.0], None),
        ([0.0, 1.0, 2.0, 3.0], Some([0.0, 0.0, 1.0])),
    ] {
        assert!(Slicer::new(&SlicerConfig { levels, thresholds }).is_err());
    }
}
