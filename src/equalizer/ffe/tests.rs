//! Bad plans and bad calls, and what a plan promises besides its numbers.

use ndarray::{Array2, s};

use super::floating::{FloatingFfe, FloatingFfeConfig, FloatingGroup, MAX_DELAY};
use super::half::HalfFfe;
use super::*;
use crate::Error;

fn plan(taps: Vec<f32>, precursors: usize) -> Result<Ffe> {
    Ffe::new(&FfeConfig { taps, precursors })
}

#[test]
fn bad_plans_and_lengths_are_errors_and_leave_the_output() {
    assert!(matches!(plan(vec![], 0), Err(Error::Empty { .. })));
    let text = |e: Error| e.to_string();
    let nan = text(plan(vec![1.0, f32::NAN], 0).unwrap_err());
    assert!(nan.contains("taps[1]"), "{nan}");
    assert!(plan(vec![1.0], 1).is_err());
    assert!(plan(vec![0.1; MAX_RESPONSE], MAX_TAPS).is_ok());
    let many = text(plan(vec![0.1; MAX_RESPONSE + 1], 0).unwrap_err());
    assert_eq!(
        many,
        "number of ffe taps is 65537, must lie between 1 and 65536"
    );

    let ffe = plan(vec![1.0, 0.5], 0).unwrap();
    let mut y = [7.0; 3];
    assert!(ffe.apply(&[1.0; 4], &mut y).is_err());
    assert!(ffe.process(&mut ffe.state(), &[1.0; 4], &mut y).is_err());
    assert!(ffe.flush(&mut ffe.state(), &mut y).is_err());
    let mut other = plan(vec![1.0; 5], 0).unwrap().state();
    assert!(ffe.process(&mut other, &[1.0; 3], &mut y).is_err());
    assert_eq!(y, [7.0; 3]);
}

#[test]
fn bad_lane_arrays_are_errors_and_leave_output_and_states() {
    let ffe = plan(vec![1.0, 0.5], 0).unwrap();
    let x = Array2::<f32>::ones((2, 6));
    let mut y = Array2::<f32>::zeros((2, 3));
    let strided = x.slice(s![.., ..;2]);
    assert!(matches!(
        ffe.apply_lanes(strided, y.view_mut()),
        Err(Error::NotContiguous { .. })
    ));
    let mut states = vec![ffe.state(); 2];
    let good = x.slice(s![.., ..3]);
    assert!(
        ffe.process_lanes(&mut states[..1], good, y.view_mut())
            .is_err()
    );
    assert!(
        ffe.process_lanes(&mut states, x.view(), y.view_mut())
            .is_err()
    );
    states[1] = plan(vec![1.0; 5], 0).unwrap().state();
    assert!(ffe.process_lanes(&mut states, good, y.view_mut()).is_err());
    assert!(y.iter().all(|v| *v == 0.0));
    // The first lane has seen nothing yet.
    let mut first = [0.0; 1];
    ffe.process(&mut states[0], &[1.0], &mut first).unwrap();
    assert_eq!(first, [1.0]);
}

#[test]
fn bad_half_spaced_plans_and_lengths_are_errors() {
    let plan = |taps: Vec<f32>, precursors| HalfFfe::new(&FfeConfig { taps, precursors });
    assert!(plan(vec![], 0).is_err());
    assert!(plan(vec![1.0; 3], 3).is_err());
    assert!(plan(vec![1.0; 257], 3).is_err());
    let ffe = plan(vec![1.0; 5], 4).unwrap();
    let mut y = [7.0; 3];
    for n in [5, 7, 8] {
        assert!(ffe.apply(&vec![1.0; n], &mut y).is_err());
        let mut state = ffe.state();
        assert!(ffe.process(&mut state, &vec![1.0; n], &mut y).is_err());
    }
    let mut other = plan(vec![1.0; 9], 4).unwrap().state();
    assert!(ffe.process(&mut other, &[1.0; 6], &mut y).is_err());
    assert_eq!(y, [7.0; 3]);
}

#[test]
fn groups_that_overlap_or_lie_too_far_are_errors_that_name_them() {
    let plan = |groups: &[(usize, usize)]| {
        FloatingFfe::new(&FloatingFfeConfig {
            taps: vec![1.0; 10],
            precursors: 3,
            groups: groups
                .iter()
                .map(|&(delay, taps)| FloatingGroup {
                    delay,
                    taps: vec![0.1; taps],
                })
                .collect(),
        })
    };
    let text = |groups: &[(usize, usize)]| plan(groups).unwrap_err().to_string();
    // The main group ends six symbols after the main tap.
    assert!(plan(&[(7, 4), (11, 4)]).is_ok());
    assert_eq!(
        text(&[(6, 4)]),
        "ffe groups[0].delay is 6, must lie between 7 and 1021"
    );
    assert!(text(&[(20, 4), (23, 4)]).starts_with("ffe groups[1].delay is 23"));
    assert!(text(&[(40, 4), (20, 4)]).starts_with("ffe groups[1].delay is 20"));
    assert!(plan(&[(MAX_DELAY - 3, 4)]).is_ok());
    assert!(text(&[(MAX_DELAY - 2, 4)]).contains("groups[0].delay"));
    assert!(text(&[(20, 0)]).contains("groups[0].taps is empty"));
    assert!(text(&[(20, 247)]).contains("must lie between 1 and 246"));
    assert!(text(&[(20, 240), (300, 7)]).contains("must lie between 1 and 6"));
    assert!(text(&[(20, 246), (300, 1)]).contains("groups[1]"));
    assert_eq!(
        text(&[(20, 246), (300, 0)]),
        "ffe groups[1].taps is empty, needs at least one entry"
    );
}

#[test]
fn plans_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Ffe>();
    shared::<HalfFfe>();
    shared::<FloatingFfe>();
}
