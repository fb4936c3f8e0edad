//! Worker processes: this program again, each with a part of the people.
//!
//! A worker reads its plan from standard input, writes a word a line to standard
//! output, and stops when its input ends: it never outlives its lead.

use std::io;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::crew::{self, WORDS};
use super::limits;
use super::plan::Plan;
use super::words::Word;

/// Words that are written at once.
const AT_ONCE: usize = 1024;

/// A worker's plan comes in, its words go out.
///
/// # Errors
/// Where there is no plan, or nobody listens.
pub(super) async fn work() -> io::Result<()> {
    limits::raise();
    let mut input = BufReader::new(tokio::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line).await?;
    let plan: Plan = serde_json::from_str(&line).map_err(io::Error::other)?;
    let (words, heard) = mpsc::channel(WORDS);
    let (stop, stopped) = watch::channel(false);
    let told = tokio::spawn(tell(heard));
    let crew = tokio::spawn(crew::run(plan, words, stopped));
    // Signals of a terminal go to all; the lead says when it is over.
    let mut signals = crate::signals::Signals::listen()?;
    loop {
        tokio::select! {
            read = input.read_line(&mut line) => {
                if read.unwrap_or(0) == 0 {
                    break;
                }
                line.clear();
            }
            () = signals.next() => (),
        }
    }
    // A crew that has ended has dropped its end.
    let _ = stop.send(true);
    crew.await.map_err(io::Error::other)?;
    told.await.map_err(io::Error::other)?
}

async fn tell(mut heard: mpsc::Receiver<Word>) -> io::Result<()> {
    let mut output = BufWriter::new(tokio::io::stdout());
    let mut words = Vec::with_capacity(AT_ONCE);
    while heard.recv_many(&mut words, AT_ONCE).await > 0 {
        for word in words.drain(..) {
            let mut line = serde_json::to_vec(&word).map_err(io::Error::other)?;
            line.push(b'\n');
            output.write_all(&line).await?;
        }
        output.flush().await?;
    }
    Ok(())
}

/// Runs a crew in each of these plans; ends when all have.
pub(super) async fn run(
    plans: Vec<Plan>,
    words: mpsc::Sender<Word>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut listeners = JoinSet::new();
    let mut inputs = Vec::new();
    for plan in plans {
        let (child, input) = start(&plan).await?;
        inputs.push(input);
        listeners.spawn(listen(child, words.clone()));
    }
    let _ = stop.wait_for(|stop| *stop).await;
    drop(inputs);
    while listeners.join_next().await.is_some() {}
    Ok(())
}

async fn start(plan: &Plan) -> io::Result<(Child, ChildStdin)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["load", "work"]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut line = serde_json::to_vec(plan).map_err(io::Error::other)?;
    line.push(b'\n');
    input.write_all(&line).await?;
    input.flush().await?;
    Ok((child, input))
}

/// Hands on what a worker says. One that dies has said that it is done, with a
/// word on that.
async fn listen(mut child: Child, words: mpsc::Sender<Word>) {
    let mut done = false;
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let Ok(word) = serde_json::from_str(&line) else { break };
            done |= matches!(word, Word::Done);
            // A lead that is gone has ended the run.
            let _ = words.send(word).await;
        }
    }
    let _ = child.wait().await;
    if !done {
        let lost = "a worker process died: what it counted last is missing".to_owned();
        let _ = words.send(Word::Warning(lost)).await;
        let _ = words.send(Word::Done).await;
    }
}
