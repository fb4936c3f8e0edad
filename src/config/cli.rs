//! The commands.

use clap::{Args, Parser, Subcommand};

use super::doctor::Doctor;
use super::load::LoadCommand;
use super::moderate::{BansCommand, ReportsCommand};
use super::process::ProcessFlags;
use super::serve::Serve;
use super::store::DatabaseFlags;
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
    /// Try what the flags of "serve" name, and say what is wrong and how to mend it.
    ///
    /// Takes the flags and the environment that "serve" is to run with, and changes
    /// nothing. One line for each thing: ok, warning or wrong. Ends with 0 where nothing
    /// is wrong, else with 1.
    Doctor(Box<Doctor>),
    /// Try how much a service holds, with simulated people.
    ///
    /// All that the people say and hear is checked against the protocol. Ends with
    /// 0; with 1 where the service broke a promise of the protocol or missed a goal; with 3 where no
    /// target can be reached, or none any more; with 4 where this machine ran out of
    /// open files or ports.
    #[command(subcommand)]
    Load(LoadCommand),
    /// Bring the tables of the database up to date.
    ///
    /// "serve" does so by itself. Needed where it may not: with a user of PostgreSQL who
    /// may change rows and not tables, run this as the owner first.
    Migrate(DatabaseFlags),
    /// Read the reports, and keep one from being deleted.
    #[command(subcommand)]
    Reports(ReportsCommand),
    /// Ban somebody, or end a ban.
    #[command(subcommand)]
    Bans(BansCommand),
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
        let nested = ["load", "reports", "bans"]
            .into_iter()
            .flat_map(|name| command.find_subcommand(name).unwrap().get_subcommands())
            .filter(|command| command.get_name() != "help");
        let others = ["serve", "turn", "doctor", "migrate"]
            .map(|name| command.find_subcommand(name).unwrap());
        for command in others.into_iter().chain(nested) {
            let flags = command.get_arguments().filter(|flag| !flag.is_positional());
            for flag in flags.filter(|flag| flag.get_id() != "help") {
                let long = flag.get_long().unwrap();
                let variable = format!("PASSERBY_{}", long.to_uppercase().replace('-', "_"));
                assert_eq!(flag.get_env().unwrap(), variable.as_str());
            }
        }
    }
}
