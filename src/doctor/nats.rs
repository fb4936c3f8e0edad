//! NATS: reached, new enough, with JetStream and a key-value store.

use super::finding::Finding;
use super::in_time;
use crate::cluster::nats::{Probed, Trouble, probe};
use crate::config::{ClusterFlags, ClusterUrl};

const SUBJECT: &str = "NATS";
/// Versions from 2.10 on have all that is used; the service is tried with these.
const TRIED: (u64, u64) = (2, 15);

pub(super) async fn check(flags: &ClusterFlags) -> Vec<Finding> {
    let Some(ClusterUrl::Nats(url)) = &flags.cluster_url else { return Vec::new() };
    match in_time(probe(url)).await {
        Some(Ok(probed)) => judge(&probed),
        Some(Err(error)) => {
            vec![Finding::wrong(SUBJECT, error.to_string(), "correct --cluster-url")]
        }
        None => {
            let remedy = "look at its log and its load, and whether its cluster has a leader";
            vec![Finding::wrong(SUBJECT, "no answer in time", remedy)]
        }
    }
}

/// Where one of several can be used, the service runs.
fn judge(probed: &[Probed]) -> Vec<Finding> {
    let some = probed.iter().any(|(_, result)| result.is_ok());
    let each = |(server, result): &Probed| match result {
        Ok(version) => fine(server, version),
        Err(trouble) => {
            let (what, remedy) = words(trouble);
            let what = format!("{server}: {what}");
            let lasting = some && *trouble == Trouble::Unreachable;
            if lasting {
                Finding::warning(SUBJECT, what, format!("{remedy}; the service uses the others"))
            } else {
                Finding::wrong(SUBJECT, what, remedy)
            }
        }
    };
    probed.iter().map(each).collect()
}

fn fine(server: &str, version: &str) -> Finding {
    let mut numbers = version.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let (major, minor) = TRIED;
    if found < TRIED {
        let what = format!("{server} has version {version}");
        return Finding::warning(SUBJECT, what, format!("install {major}.{minor} or later"));
    }
    Finding::ok(SUBJECT, format!("{server} has version {version} and JetStream, and keeps entries"))
}

fn words(trouble: &Trouble) -> (String, &'static str) {
    let remedy = match trouble {
        Trouble::Unreachable => {
            return (
                "no server answers".into(),
                "start it, and look at --cluster-url and firewalls",
            );
        }
        Trouble::Silent => {
            let remedy = "wait until its cluster has a leader, and look at its log";
            return ("JetStream does not answer".into(), remedy);
        }
        Trouble::Tls => "its certificate must be one that this machine trusts",
        Trouble::Bucket(_) => "give JetStream memory, and the user the right to make streams",
        Trouble::NoBucket => "try again",
        Trouble::NoJetStream => "start it with -js, or jetstream {} in its configuration",
        Trouble::Old(version) => {
            return (format!("its version {version} is too old"), "install 2.15 or later");
        }
        Trouble::Refused => "put the right ones into --cluster-url: nats://USER:PASSWORD@HOST:PORT",
    };
    (trouble.to_string(), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_server_that_is_down_matters_less_beside_one_that_is_up() {
        let up = || ("nats://a".to_owned(), Ok("2.15.1".to_owned()));
        let failed = |trouble| ("nats://b".to_owned(), Err(trouble));
        let verdicts = |probed: &[Probed]| {
            judge(probed).iter().map(|finding| finding.verdict).collect::<Vec<_>>()
        };
        let down = failed(Trouble::Unreachable);
        assert_eq!(verdicts(&[up(), down.clone()]), [Verdict::Ok, Verdict::Warning]);
        assert_eq!(verdicts(&[down]), [Verdict::Wrong]);
        assert_eq!(verdicts(&[up(), failed(Trouble::Refused)]), [Verdict::Ok, Verdict::Wrong]);
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, expected) in [
            ("2.15.0", Verdict::Ok),
            ("2.100.1", Verdict::Ok),
            ("3.0.0-beta", Verdict::Ok),
            ("2.14.9", Verdict::Warning),
            ("strange", Verdict::Warning),
        ] {
            assert_eq!(fine("a", version).verdict, expected, "{version}");
        }
    }
}
