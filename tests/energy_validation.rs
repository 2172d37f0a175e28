//! The energy model against its reference: the numbers behind the table, the table, the intervals.

use pamlink::energy::validation::{Verdict, validation_table};
use pamlink::energy::{
    LaneRate, Node, PRICES, Prices, Silicon, System, nominal_w, price, reference,
};

fn prices(rate: LaneRate, node: Node) -> Prices {
    PRICES.prices(rate, node, node).unwrap()
}

fn close(got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{got} is not {expected}"
    );
}

#[test]
fn reference_configurations_give_the_numbers_of_the_table() {
    use LaneRate::{G100, G200};
    use reference::Decision::{Mlse, Unrolled};
    // Four digits are given; half of the last one is the tolerance (the 1160 gates of the
    // look-ahead DFE are 1159.6 here, which is below it).
    let lane = |taps, decision, node, rate: LaneRate| {
        let silicon: Silicon = PRICES.silicon(node, rate).unwrap();
        let blocks = reference::lane(
            taps,
            decision,
            pamlink::energy::reference_enob(rate),
            rate.baud_hz(),
        );
        nominal_w(&blocks, 1.0, rate.baud_hz(), &silicon).unwrap() / (2.0 * rate.baud_hz()) * 1e12
    };
    close(lane(12, Unrolled(2), Node::N7, G100), 5.902, 5e-4);
    close(lane(16, Mlse, Node::N7, G100), 6.420, 5e-4);
    close(lane(16, Unrolled(1), Node::N16, G100), 9.872, 5e-4);
    close(lane(12, Unrolled(2), Node::N5, G100), 4.808, 5e-4);
    close(lane(24, Mlse, Node::N3, G200), 3.976, 5e-4);
    let module = |kind: fn(LaneRate) -> System, rate, node| {
        let answer = price(&kind(rate), &prices(rate, node), 1).unwrap();
        answer.module_w.nominal
    };
    close(module(reference::retimed, G100, Node::N5), 12.998, 6e-4);
    close(module(reference::half_retimed, G100, Node::N5), 9.455, 6e-4);
    close(module(reference::linear, G100, Node::N5), 6.587, 6e-4);
    close(module(reference::retimed, G200, Node::N5), 22.420, 6e-4);
    close(module(reference::retimed, G200, Node::N3), 19.742, 6e-4);
    close(
        module(reference::half_retimed, G200, Node::N5),
        15.350,
        6e-4,
    );
    close(
        module(reference::half_retimed, G200, Node::N3),
        14.041,
        6e-4,
    );
    close(module(reference::linear, G200, Node::N5), 9.717, 6e-4);
    let rows = validation_table().unwrap();
    let digital = |name: &str| {
        let row = rows.iter().find(|row| row.case.contains(name)).unwrap();
        row.model.nominal
    };
    close(digital("12 FFE + 2 DFE"), 212.5, 0.05);
    close(digital("9 sliding-block"), 163.2, 0.05);
}

#[test]
fn validation_table_is_within_its_must_pass_column() {
    let rows = validation_table().unwrap();
    for row in &rows {
        println!(
            "{:<48} {:>7.2} ({:.2}-{:.2}) {:<9} published {:?} error {:+.0} % {:?}",
            row.case,
            row.model.nominal,
            row.model.low,
            row.model.high,
            row.unit,
            row.published,
            100.0 * row.error,
            row.verdict
        );
        assert_ne!(row.verdict, Verdict::Fail, "{}: {row:?}", row.case);
    }
    // Each row that misses by far at the nominal value is known by name and stays in the table.
    let misses: Vec<_> = (rows.iter())
        .filter(|row| row.verdict == Verdict::KnownMiss)
        .map(|row| row.case)
        .collect();
    println!("known misses: {misses:?}");
    assert_eq!(
        misses,
        [
            "14 nm reduced-state Viterbi at 0.7 V",
            "switch box, with the model's typical modules"
        ]
    );
}

#[test]
fn module_intervals_hold_the_published_percentiles() {
    // (case, P5, P95) of the prototype. 800G retimed and LRO: 0.2 W, twice the last digit given.
    // 1.6T: the prototype also drew the MLSE on for 0, 50 or 100 % of lanes, which lowers its FRO
    // band by up to 0.4 W; LPO: its draws are not fully documented and lie up to 0.3 W higher.
    use LaneRate::{G100, G200};
    type Kind = fn(LaneRate) -> System;
    let table: [(Kind, LaneRate, Node, f64, f64, f64); 8] = [
        (reference::retimed, G100, Node::N5, 11.8, 14.7, 0.2),
        (reference::half_retimed, G100, Node::N5, 8.5, 10.7, 0.2),
        (reference::linear, G100, Node::N5, 5.7, 7.7, 0.4),
        (reference::retimed, G200, Node::N5, 20.3, 25.7, 0.5),
        (reference::retimed, G200, Node::N3, 18.0, 22.6, 0.5),
        (reference::half_retimed, G200, Node::N5, 14.1, 17.5, 0.2),
        (reference::half_retimed, G200, Node::N3, 12.9, 16.0, 0.2),
        (reference::linear, G200, Node::N5, 8.5, 11.1, 0.4),
    ];
    for (kind, rate, node, low, high, tolerance) in table {
        let module_w = price(&kind(rate), &prices(rate, node), 1).unwrap().module_w;
        println!("{rate:?} {node:?} {module_w:?}, prototype {low} to {high}");
        close(module_w.low, low, tolerance);
        close(module_w.high, high, tolerance);
        // Another seed: the standard error of a 5 % percentile of 20 000 draws is below 0.02 W.
        let other = price(&kind(rate), &prices(rate, node), 2).unwrap().module_w;
        close(module_w.low, other.low, 0.1);
        close(module_w.high, other.high, 0.1);
        assert_eq!(module_w.nominal, other.nominal);
    }
}
