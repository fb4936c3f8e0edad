//! The commands.

use clap::{Args, Parser, Subcommand};

use super::load::LoadCommand;
use super::process::ProcessFlags;
use super::serve::Serve;
use super::turn::TurnFlags;

/// Pairs strangers at random for a video or text chat.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page and pair the people who come.
    ///
    /// Prints "listening on ..." for each port once it takes connections. Stops
    /// on SIGTERM or SIGINT after letting its people move; a second signal
    /// stops it at once.
    Serve(Box<Serve>),
    /// Run the STUN and TURN server alone, for a machine of its own.
    ///
    /// Takes the same --secret as the service, which is told of it by
    /// "passerby serve --turn-urls turn:HOST:3478 --secret ...". Prints
    /// "listening on ..." for each port, and stops on SIGTERM or SIGINT.
    Turn(Box<TurnAlone>),
    /// Try how much a service holds, with simulated people.
    ///
    /// All that the people say and hear is checked against the protocol. Ends with
    /// 0; with 1 where the service broke a promise of the protocol or missed a goal; with 3 where no
    /// target can be reached, or none any more; with 4 where this machine ran out of
    /// open files or ports.
    #[command(subcommand)]
    Load(LoadCommand),
}

/// The flags of `turn`.
#[derive(Clone, Debug, Args)]
pub struct TurnAlone {
    /// Operations, secret, threads and logs.
    #[command(flatten)]
    pub process: ProcessFlags,

    /// The STUN and TURN server.
    #[command(flatten)]
    pub turn: TurnFlags,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn each_flag_is_also_an_environment_variable() {
        let mut command = Cli::command();
        command.build();
        let load = command.find_subcommand("load").unwrap().get_subcommands();
        let others = ["serve", "turn"].map(|name| command.find_subcommand(name).unwrap());
        for command in others.into_iter().chain(load) {
            let flags = command.get_arguments().filter(|flag| !flag.is_positional());
            for flag in flags.filter(|flag| flag.get_id() != "help") {
                let long = flag.get_long().unwrap();
                let variable = format!("PASSERBY_{}", long.to_uppercase().replace('-', "_"));
                assert_eq!(flag.get_env().unwrap(), variable.as_str());
            }
        }
    }
}
