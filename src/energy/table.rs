//! The numbers of the price table. `technology.toml` holds the same ones for users who want to
//! change them; a test keeps the two together.

use std::borrow::Cow;

use super::technology::{
    Constant, LanePrices, LaneRate, Mark, Node, NodePrices, OpticsPrices, PriceTable, Scales,
    Shares, Supplies,
};

const fn constant(
    (low, nominal, high): (f64, f64, f64),
    mark: Mark,
    source: &'static str,
) -> Constant {
    Constant {
        low,
        nominal,
        high,
        mark,
        source: Cow::Borrowed(source),
    }
}

const fn node(node: Node, supply_v: f64, gate_fj: Constant, table_read_fj: Constant) -> NodePrices {
    NodePrices {
        node,
        supply_v,
        gate_fj,
        table_read_fj,
    }
}

const fn lane(
    node: Node,
    rate: LaneRate,
    converter_fj: f64,
    receive_pj: f64,
    transmit_pj: f64,
    source: &'static str,
) -> LanePrices {
    LanePrices {
        node,
        rate,
        converter_fj,
        receive_pj,
        transmit_pj,
        mark: Fitted,
        source: Cow::Borrowed(source),
    }
}

use LaneRate::{G100, G200};
use Mark::{Estimate, Fitted, Ours, Recalled, Silicon, Vendor};
use Node::{N3, N5, N7, N16, N28, N45};

const SRAM: &str = "64-bit read of an 8 KB macro: Horowitz ISSCC'14 (45 nm), Jouppi ISCA'21 (7 nm)";
const SRAM_BETWEEN: &str = "ours: geometric interpolation between the 45 and 7 nm rows";
const SRAM_BELOW: &str = "SRAM hardly scales below 7 nm (recalled)";
const SURVEY: &str =
    "converter: Murmann survey 2025-06; rest: fit to published transceivers of the node";
const TOTALS: &str = "part ranges from silicon and products; tuned on published module totals";

const NODES: &[NodePrices] = &[
    node(
        N45,
        0.9,
        constant(
            (0.33, 0.60, 1.7),
            Fitted,
            "Horowitz int8/int32 0.30-0.52; Aladdin 40 nm 0.3-1.2",
        ),
        constant((156.0, 156.0, 156.0), Silicon, SRAM),
    ),
    node(
        N28,
        0.9,
        constant(
            (0.30, 0.42, 0.80),
            Fitted,
            "Toifl ESSCIRC'14, 8-tap FFE 1.0 pJ per sample at 0.6 V",
        ),
        constant((145.0, 145.0, 145.0), Ours, SRAM_BETWEEN),
    ),
    node(
        N16,
        0.8,
        constant(
            (0.22, 0.30, 0.50),
            Fitted,
            "IBM 14 nm Tx FFE 0.5 pJ/b; 16 nm 106G transceiver 8.5 pJ/b",
        ),
        constant((133.0, 133.0, 133.0), Ours, SRAM_BETWEEN),
    ),
    node(
        N7,
        0.68,
        constant(
            (0.12, 0.16, 0.22),
            Fitted,
            "Huawei ISSCC'21 8.8: 37 mW per 13 005 um2 of gates at 875 MHz; Jouppi 0.115-0.146",
        ),
        constant((117.0, 117.0, 117.0), Silicon, SRAM),
    ),
    node(
        N5,
        0.65,
        constant(
            (0.09, 0.12, 0.17),
            Recalled,
            "7 nm x 0.75 (foundry: -30 % power); sqrt(5/7) is the pessimistic rule",
        ),
        constant((105.0, 105.0, 105.0), Recalled, SRAM_BELOW),
    ),
    node(
        N3,
        0.62,
        constant(
            (0.065, 0.09, 0.13),
            Recalled,
            "7 nm x 0.56 (foundry: -25 to -32 % from 5 nm); sqrt(3/7) is the pessimistic rule",
        ),
        constant((100.0, 100.0, 100.0), Recalled, SRAM_BELOW),
    ),
];

const LANES: &[LanePrices] = &[
    lane(N16, G100, 150.0, 2.0, 2.2, SURVEY),
    lane(N7, G100, 75.0, 1.40, 1.56, SURVEY),
    lane(N5, G100, 60.0, 1.20, 1.35, SURVEY),
    lane(N3, G100, 50.0, 1.10, 1.20, SURVEY),
    lane(N7, G200, 75.0, 1.05, 1.50, SURVEY),
    lane(N5, G200, 55.0, 0.85, 1.20, SURVEY),
    lane(N3, G200, 45.0, 0.75, 1.05, SURVEY),
];

const OPTICS: &[OpticsPrices] = &[
    OpticsPrices {
        rate: G100,
        driver_retimed_w: constant((0.09, 0.15, 0.20), Fitted, TOTALS),
        driver_linear_w: constant(
            (0.15, 0.25, 0.30),
            Fitted,
            "225 mW per channel in 130 nm SiGe (JEIT 2025); tuned on published module totals",
        ),
        tia_retimed_w: constant((0.06, 0.13, 0.18), Fitted, TOTALS),
        tia_linear_w: constant((0.10, 0.17, 0.22), Fitted, TOTALS),
        laser_retimed_w: constant((0.8, 1.6, 2.6), Fitted, TOTALS),
        laser_linear_w: constant((0.8, 1.6, 2.6), Fitted, TOTALS),
        controller_w: constant((0.7, 1.1, 1.5), Fitted, TOTALS),
        engine_w: constant(
            (0.63, 0.69, 0.80),
            Vendor,
            "Bailly 5.5 W per 800G, laser included; high: Humboldt 6.4 W measured; low (ours): \
             typical = limit / 1.10",
        ),
    },
    OpticsPrices {
        rate: G200,
        driver_retimed_w: constant((0.12, 0.18, 0.26), Fitted, TOTALS),
        driver_linear_w: constant((0.22, 0.32, 0.42), Fitted, TOTALS),
        tia_retimed_w: constant((0.12, 0.20, 0.28), Fitted, TOTALS),
        tia_linear_w: constant((0.18, 0.26, 0.34), Fitted, TOTALS),
        laser_retimed_w: constant((1.6, 2.6, 4.0), Fitted, TOTALS),
        laser_linear_w: constant((1.6, 3.0, 4.0), Fitted, TOTALS),
        controller_w: constant((0.9, 1.3, 1.8), Fitted, TOTALS),
        engine_w: constant(
            (0.80, 0.88, 1.125),
            Vendor,
            "Davisson 3.5 W per 800G, laser included (4.4 pJ/b); high: NVIDIA 9 W per 1.6T, scope \
             unclear; low (ours): typical = limit / 1.10",
        ),
    },
];

/// The price table of the crate.
pub const PRICES: PriceTable = PriceTable {
    version: Cow::Borrowed("2026-11"),
    scales: Scales {
        fixed_digital: constant(
            (0.7, 1.0, 1.3),
            Fitted,
            "Huawei ISSCC'21 8.8: 212 mW minus its equalizers, 10 000 gates (7 000 to 13 000)",
        ),
        converter: constant((0.7, 1.0, 1.5), Silicon, "spread of the Murmann survey"),
        receive: constant((0.75, 1.0, 1.3), Fitted, "4.0 to 5.4 pJ/b analog at 7 nm"),
        transmit: constant((0.75, 1.0, 1.3), Fitted, "4.0 to 5.4 pJ/b analog at 7 nm"),
        mlse: constant(
            (0.5, 1.0, 6.0),
            Silicon,
            "ISSCC'21 8.7 (upper bound on a modern one) and IBM 14 nm 8.2 pJ per symbol",
        ),
    },
    shares: Shares {
        chip_to_module: constant(
            (0.60, 0.74, 0.85),
            Silicon,
            "Huawei ISSCC'21 8.4: 490 mW at 18 dB over 662 mW at 45 dB",
        ),
        line_side: constant((0.70, 0.85, 1.0), Fitted, "800G DSP of 6 to 8 W"),
        half_linear_host: constant(
            (0.67, 0.80, 0.925),
            Ours,
            "no measurement known; bounds halfway between chip-to-module and linear host",
        ),
        linear_host: constant(
            (0.74, 0.86, 1.0),
            Ours,
            "no measurement known; slope 0.057 pJ/b per dB of the Huawei lane over 8 to 14 dB",
        ),
    },
    supplies: Supplies {
        retimed: constant((0.84, 0.88, 0.92), Estimate, "module DC-DC, 84 to 92 %"),
        half_linear: constant((0.86, 0.90, 0.94), Estimate, "between the other two"),
        linear: constant((0.88, 0.92, 0.96), Estimate, "LPO rails, 88 to 95 %"),
    },
    nodes: Cow::Borrowed(NODES),
    lanes: Cow::Borrowed(LANES),
    optics: Cow::Borrowed(OPTICS),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_is_in_order() {
        for node in PRICES.nodes.iter() {
            for constant in [&node.gate_fj, &node.table_read_fj] {
                constant.interval().checked("node").unwrap();
            }
        }
        for optics in PRICES.optics.iter() {
            for constant in [
                &optics.driver_retimed_w,
                &optics.driver_linear_w,
                &optics.tia_retimed_w,
                &optics.tia_linear_w,
                &optics.laser_retimed_w,
                &optics.laser_linear_w,
                &optics.controller_w,
                &optics.engine_w,
            ] {
                constant.interval().checked("optics").unwrap();
            }
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn the_file_holds_the_same_numbers() {
        let text = include_str!("technology.toml");
        let path = std::path::Path::new("technology.toml");
        assert_eq!(PriceTable::from_toml(path, text).unwrap(), PRICES);
        let wrong = text.replacen("supply_v", "suply_v", 1);
        let error = PriceTable::from_toml(path, &wrong).unwrap_err().to_string();
        assert!(error.contains("suply_v"), "{error}");
    }
}
