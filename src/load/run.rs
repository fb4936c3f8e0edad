//! Runs a load test from its flags to its exit code.

use std::io;

use super::ending::Ending;
use super::lead::lead;
use super::merge::merge;
use super::plan::Scenario;
use super::workers;
use crate::config::{LoadCommand, LoadFlags};

/// Runs the command; what is wrong with it is told on standard error.
///
/// # Errors
/// Where the system has no runtime for it.
pub fn run(command: &LoadCommand) -> io::Result<Ending> {
    let (scenario, flags) = match command {
        LoadCommand::Idle(flags) => (Scenario::Idle, flags),
        LoadCommand::Pair(flags) => (Scenario::Pair, flags),
        LoadCommand::Relay(flags) => (Scenario::Relay, flags),
        LoadCommand::Churn(flags) => (Scenario::Churn, flags),
        LoadCommand::Call(flags) => (Scenario::Call, flags),
        LoadCommand::Mix(flags) => (Scenario::Mix, flags),
        LoadCommand::Storm(flags) => (Scenario::Storm, flags),
        LoadCommand::Soak(flags) => (Scenario::Soak, flags),
        LoadCommand::Merge(flags) => return Ok(told(merge(flags))),
        LoadCommand::Work => {
            runtime()?.block_on(workers::work())?;
            return Ok(Ending::Fine);
        }
    };
    play(scenario, flags)
}

fn play(scenario: Scenario, flags: &LoadFlags) -> io::Result<Ending> {
    let runtime = runtime()?;
    let ending = runtime.block_on(lead(scenario, flags));
    // What still hangs in the system is not waited for.
    runtime.shutdown_background();
    Ok(told(ending))
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn told(ending: Result<Ending, String>) -> Ending {
    ending.unwrap_or_else(|words| {
        eprintln!("error: {words}");
        Ending::BadFlag
    })
}
