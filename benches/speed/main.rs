//! What Passerby takes, beside a bare relay and beside what people would write
//! in Node.js: all in one run, one after the other, several times over.
//! README.md beside this folder says what came out.

#![allow(unreachable_pub)]

mod client;
mod floor;
mod server;
mod syscalls;
mod table;
mod works;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use clap::{Parser, Subcommand, ValueEnum};

use tokio::runtime::Builder;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

use server::{Kind, Server};
use table::Measured;
use works::Work;

/// Measures Passerby's CPU time and memory for each unit of work, with the ratio
/// to a bare relay (the floor) and to a plain relay in Node.js.
#[derive(Parser)]
struct Options {
    /// Only these works; all where none is named.
    #[arg(value_enum)]
    works: Vec<Work>,
    /// How often each work is done by each server, in turns. The median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only these servers.
    #[arg(long, value_enum, value_delimiter = ',')]
    servers: Vec<Kind>,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Serves as the floor: pairs people and copies frames, and nothing else.
    Floor {
        /// Threads that serve; one a core where it is not said.
        #[arg(long)]
        threads: Option<NonZeroUsize>,
    },
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    if let Some(Part::Floor { threads }) = options.part {
        return floor::serve(threads.map_or_else(available_parallelism, Ok)?);
    }
    Builder::new_current_thread().enable_all().build()?.block_on(run(&options))
}

/// A signal ends the servers as well.
async fn run(options: &Options) -> io::Result<()> {
    let mut ended = signal(SignalKind::terminate())?;
    tokio::select! {
        compared = compare(options) => compared,
        _ = ended.recv() => Ok(()),
        interrupted = ctrl_c() => interrupted,
    }
}

async fn compare(options: &Options) -> io::Result<()> {
    rlimit::increase_nofile_limit(u64::MAX)?;
    let works = if options.works.is_empty() { Work::value_variants() } else { &options.works };
    let servers = if options.servers.is_empty() { &Kind::ALL[..] } else { &options.servers };
    for work in works {
        let mut measured = BTreeMap::default();
        for round in 1..=options.rounds.min(work.rounds()) {
            for kind in servers {
                eprintln!("{work:?}: round {round}, {}", kind.name());
                measure(*work, *kind, &mut measured).await?;
            }
        }
        println!("{work:?}");
        table::print(&measured, servers);
    }
    Ok(())
}

async fn measure(work: Work, kind: Kind, measured: &mut Measured) -> io::Result<()> {
    let server = Server::start(kind, work.threads());
    let figures = work.run(&server).await;
    let figures = figures
        .map_err(|error| io::Error::other(format!("{work:?} by {}: {error}", kind.name())))?;
    for (nth, figure) in figures.into_iter().enumerate() {
        let row = measured.entry(nth).or_insert_with(|| (figure, BTreeMap::default()));
        row.1.entry(kind).or_default().push(figure.value);
    }
    Ok(())
}
