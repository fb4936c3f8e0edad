//! What a pair takes where the people of one service are spread over several
//! nodes: CPU time, messages between nodes, and memory. README.md beside this
//! folder says what came out.

#![allow(unreachable_pub)]

#[path = "../../tests/shared/nats.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod nats;
mod node;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Parser;

use nats::NatsServer;
use node::{Node, Taken, cpu};

/// Measures one service of one, two, three and six nodes on this machine, with NATS
/// between them, while simulated people press Next.
#[derive(Parser)]
struct Options {
    /// So many nodes, each in turn.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3, 6])]
    nodes: Vec<usize>,
    /// People on all nodes together.
    #[arg(long, default_value_t = 1200)]
    people: u32,
    /// How often all together press Next a second.
    #[arg(long, default_value_t = 300)]
    rate: u32,
    /// How long is measured.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one service took in the time that was measured.
struct Row {
    nodes: usize,
    pairs: f64,
    across: f64,
    letters: f64,
    cpu: Duration,
    nats: Duration,
    bytes: f64,
}

fn main() {
    let options = Options::parse();
    println!(
        "{} people, {} Next a second, {} s each\n",
        options.people, options.rate, options.seconds
    );
    println!(
        "| nodes | pairs | across nodes | CPU a pair | NATS a pair | messages a pair | memory a connection |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for count in &options.nodes {
        println!("{}", line(&measure(&options, *count)));
    }
}

fn measure(options: &Options, count: usize) -> Row {
    let nats = NatsServer::start();
    let nodes: Vec<_> =
        (0..count).map(|_| Node::start((count > 1).then(|| nats.url()).as_deref())).collect();
    wait_for(|| nodes.iter().all(|node| count == 1 || node.knows(count)));
    let empty: u64 = nodes.iter().map(Node::private_bytes).sum();
    let mut load = people(options, &nodes);
    let connections = || nodes.iter().map(|node| node.metric("passerby_connections")).sum::<f64>();
    wait_for(|| connections() >= f64::from(options.people));
    std::thread::sleep(Duration::from_secs(3));
    let (before, nats_before) = (Taken::by(&nodes), cpu(nats.pid()));
    std::thread::sleep(Duration::from_secs(options.seconds));
    let (after, nats_after) = (Taken::by(&nodes), cpu(nats.pid()));
    let full: u64 = nodes.iter().map(Node::private_bytes).sum();
    load.kill().and_then(|()| load.wait()).expect("it can be ended");
    Row {
        nodes: count,
        pairs: after.pairs - before.pairs,
        across: (after.across - before.across) / 2.0,
        letters: after.letters - before.letters,
        cpu: after.cpu - before.cpu,
        nats: nats_after - nats_before,
        bytes: (full - empty) as f64 / f64::from(options.people),
    }
}

fn people(options: &Options, nodes: &[Node]) -> Child {
    let mut load = Command::new(env!("CARGO_BIN_EXE_passerby"));
    load.args(["load", "churn", "--quiet", "--connect-rate", "400", "--seconds", "600"]);
    load.args(["--connections", &options.people.to_string(), "--rate", &options.rate.to_string()]);
    for node in nodes {
        load.args(["--target", &format!("ws://{}/ws", node.public)]);
    }
    load.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

fn wait_for(condition: impl Fn() -> bool) {
    for _ in 0..600 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it does not come about");
}

fn line(row: &Row) -> String {
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / row.pairs;
    format!(
        "| {} | {:.0} | {:.0} % | {:.0} us | {:.0} us | {:.1} | {:.1} KB |",
        row.nodes,
        row.pairs,
        100.0 * row.across / row.pairs,
        micros(row.cpu),
        micros(row.nats),
        row.letters / row.pairs,
        row.bytes / 1024.0,
    )
}
