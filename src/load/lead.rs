//! Leads one run: starts the crews, hears them, ends them, and has the report
//! made.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep_until};

use super::assemble::assemble;
use super::calls::{self, Call};
use super::collect::Collector;
use super::crew::{self, WORDS};
use super::ending::Ending;
use super::plan::{Plan, Scenario};
use super::report::{Bar, ServerSample};
use super::timeline::Timeline;
use super::verdict::{Verdict, reach};
use super::words::Word;
use super::{finish, limits, targets, watch as watching, workers};
use crate::config::LoadFlags;
use crate::signals::Signals;

/// From the start of the crews to the first connection.
const HEAD_START: Duration = Duration::from_millis(200);
/// The same where crews are processes, for each.
const HEAD_START_A_WORKER: Duration = Duration::from_millis(50);
/// How long crews may take to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most violations that are shown; all are counted.
const MAX_SHOWN: u64 = 20;

/// Runs a scenario and shows its report.
///
/// # Errors
/// What is wrong with the flags, in words.
pub(super) async fn lead(scenario: Scenario, flags: &LoadFlags) -> Result<Ending, String> {
    if let Some(pid) = flags.judging.pid {
        watching::can_watch(pid)?;
    }
    let places = match targets::resolve(&flags.target).await {
        Ok(places) => places,
        Err(words) => {
            eprintln!("error: the target can't be reached: {words}");
            return Ok(Ending::Unreached);
        }
    };
    let allowed = limits::raise();
    let people = flags.connections.get();
    let crews = limits::crews(people, allowed, flags.workers.map(std::num::NonZeroU16::get));
    let time = Timeline::start();
    let head_start = HEAD_START + HEAD_START_A_WORKER * if crews > 1 { crews } else { 0 };
    let start_us = time.now_us() + super::timeline::micros(head_start);
    let seed = flags.seed.unwrap_or_else(rand::random);
    let plan = Plan::new(scenario, flags, places, start_us, seed);
    let mut seen = Collector::default();
    if let Some(words) = limits::short(people, crews, allowed) {
        eprintln!("warning: {words}");
        seen.warn(words);
    }
    let mut run = Run::start(&plan, crews, flags, time, seen)?;
    let verdict = run.until_the_end().await;
    run.farewell().await;
    run.report(crews, verdict)
}

/// How long a run takes, with the time in which people connect.
fn length(plan: &Plan, flags: &LoadFlags) -> Duration {
    let begin = Duration::from_micros(plan.gate_us() - plan.start_us);
    begin + Duration::from_secs(flags.seconds.get().into())
}

/// A run under way.
struct Run<'a> {
    plan: &'a Plan,
    flags: &'a LoadFlags,
    time: Timeline,
    seen: Collector,
    crews: u32,
    words: mpsc::Receiver<Word>,
    stop: watch::Sender<bool>,
    server: watch::Receiver<Option<ServerSample>>,
    /// What became of real WebRTC pairs' calls.
    calls: mpsc::Receiver<Call>,
    bar: Bar,
    /// The crews, and who looks at the service: ended with the run.
    tasks: JoinSet<Result<(), String>>,
    shown: usize,
}

impl<'a> Run<'a> {
    fn start(
        plan: &'a Plan,
        crews: u32,
        flags: &'a LoadFlags,
        time: Timeline,
        seen: Collector,
    ) -> Result<Self, String> {
        let (tell, words) = mpsc::channel(WORDS);
        let (stop, stopped) = watch::channel(false);
        let (saw, server) = watch::channel(None);
        let (ended, calls) = mpsc::channel(calls::CALLS);
        let mut tasks = JoinSet::new();
        let judging = flags.judging.clone();
        tasks.spawn(async move {
            watching::watch(judging, saw).await;
            Ok(())
        });
        let targets = flags.target.iter().map(ToString::to_string).collect();
        let people = flags.people.clone();
        tasks.spawn(async move {
            calls::run(people, targets, ended).await;
            Ok(())
        });
        let plans = plan.split(crews);
        let crews = u32::try_from(plans.len()).expect("as many as were asked for");
        if crews > 1 {
            tasks.spawn(async move {
                workers::run(plans, tell, stopped).await.map_err(|error| error.to_string())
            });
        } else {
            let plan = plan.clone();
            tasks.spawn(async move {
                crew::run(plan, tell, stopped).await;
                Ok(())
            });
        }
        let bar = Bar::new(Some(length(plan, flags)), flags.output.quiet);
        Ok(Self {
            plan,
            flags,
            time,
            seen,
            crews,
            words,
            stop,
            server,
            calls,
            bar,
            tasks,
            shown: 0,
        })
    }

    /// Hears the crews until the time is up, a signal comes, or it makes no sense
    /// any more.
    async fn until_the_end(&mut self) -> Verdict {
        let Ok(mut signals) = Signals::listen() else { return Verdict::Interrupted };
        let seconds = Duration::from_secs(self.flags.seconds.get().into());
        let end = self.time.instant(self.plan.gate_us()) + seconds;
        let mut tick = interval(Duration::from_millis(250));
        loop {
            tokio::select! {
                word = self.words.recv() => match word {
                    Some(word) => self.hear(word),
                    None => return self.no_crew(),
                },
                Some(call) = self.calls.recv() => self.seen.called(call),
                _ = tick.tick() => {
                    self.show();
                    if let Some(verdict) = reach(&self.seen, self.at()) {
                        return verdict;
                    }
                }
                () = signals.next() => return Verdict::Interrupted,
                () = sleep_until(end) => return Verdict::Over,
            }
        }
    }

    /// All crews are gone before their time: why, if they say so.
    fn no_crew(&mut self) -> Verdict {
        while let Some(ended) = self.tasks.try_join_next() {
            match ended {
                Ok(Ok(())) => (),
                Ok(Err(words)) => self.seen.warn(format!("a worker process: {words}")),
                Err(error) => self.seen.warn(format!("a crew: {error}")),
            }
        }
        Verdict::NoCrew
    }

    /// Stops the crews and hears what they still have to say. A second signal
    /// cuts that short.
    async fn farewell(&mut self) {
        // A crew that has ended needs no word.
        let _ = self.stop.send(true);
        let Ok(mut signals) = Signals::listen() else { return };
        let patience = Instant::now() + PATIENCE;
        while self.seen.done < self.crews {
            tokio::select! {
                word = self.words.recv() => match word {
                    Some(word) => self.hear(word),
                    None => return,
                },
                () = signals.next() => return,
                () = sleep_until(patience) => {
                    self.seen.warn("not all crews ended in time: some counts are missing".to_owned());
                    return;
                }
            }
        }
    }

    fn hear(&mut self, word: Word) {
        let at = self.at();
        if let Some(violation) = self.seen.take(word, at)
            && self.seen.violation_count <= MAX_SHOWN
        {
            finish::violation(&self.bar, &violation);
        }
    }

    fn show(&mut self) {
        self.look();
        self.seen.settle(false);
        let total = length(self.plan, self.flags);
        for point in &self.seen.series[self.shown..] {
            self.bar.show(&finish::progress(&self.seen, point, total));
        }
        self.shown = self.seen.series.len();
    }

    fn look(&mut self) {
        let second = self.at() as u64;
        if let Some(sample) = self.server.borrow_and_update().clone() {
            self.seen.sampled(second, sample);
        }
    }

    fn report(mut self, crews: u32, verdict: Verdict) -> Result<Ending, String> {
        self.look();
        self.seen.settle(true);
        let verdict = verdict.after(&self.seen);
        let seconds = self.at();
        let (failed, cut_short) = (self.seen.violation_count > 0, verdict.words(&self.seen));
        let report = assemble(self.flags, self.plan, crews, seconds, cut_short, self.seen);
        finish::report(&self.flags.output, &report)?;
        let missed = report.goals.iter().any(|goal| !goal.met);
        Ok(if failed { Ending::Failed } else { verdict.ending(missed) })
    }

    /// Seconds since the begin.
    fn at(&self) -> f64 {
        self.time.now_us().saturating_sub(self.plan.start_us) as f64 / 1e6
    }
}
