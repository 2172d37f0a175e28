//! The `pamlink` command: arguments in, reports out. It computes nothing itself.
//!
//! Exit status: 0 done (and everything required closes), 1 a cell named by `--require` does not close or a
//! kernel fails its check, 2 arguments, files or configuration that cannot be used, 130 interrupted (what was
//! counted is printed; a second Ctrl-C ends at once).

mod channel;
mod compare;
mod energy;
mod interrupt;
mod kernels;
mod options;
mod output;
mod progress;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Does this PAM4 link close, with which equalizer, and what does it cost in energy?
#[derive(Parser)]
#[command(name = "pamlink", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lane rates and architectures side by side: verdict, equalizer, watts, fleet
    Compare(compare::Arguments),
    /// One cell in the time domain, beside its statistical prediction
    Simulate(simulate::Arguments),
    /// Where the joules of a cell go; the model against published silicon
    Energy(energy::Arguments),
    /// What a Touchstone file holds: ports, losses, pulse
    Channel(channel::Arguments),
    /// SIMD levels of this machine: each kernel checked, timed, beside the roof that bounds it
    Kernels(kernels::Arguments),
}

/// How a command ended that did not fail.
enum Outcome {
    Done,
    RequirementMissed,
    Interrupted,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Energy(arguments) => energy::run(&arguments),
        Command::Channel(arguments) => channel::run(&arguments),
        Command::Kernels(arguments) => kernels::run(&arguments),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::RequirementMissed) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(interrupt::STATUS),
        Err(error) => {
            output::error(&error);
            ExitCode::from(2)
        }
    }
}
