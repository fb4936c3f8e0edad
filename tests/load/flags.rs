//! The command line of `load`.

use super::run::bare;

const SCENARIOS: [&str; 8] = ["idle", "pair", "relay", "churn", "call", "mix", "storm", "soak"];

#[test]
fn bad_flags_end_with_2_and_one_line_that_names_them() {
    for (arguments, name) in [
        (&["dance"][..], "dance"),
        (&["mix", "--connections", "0"], "--connections"),
        (&["mix", "--seconds", "soon"], "--seconds"),
        (&["mix", "--target", "https://a.example/ws"], "--target"),
        (&["mix", "--source-addresses", "here"], "--source-addresses"),
        (&["mix", "--skip", "1.5"], "--skip"),
        (&["relay", "--rate", "0"], "--rate"),
        (&["relay", "--window", "0"], "--window"),
        (&["churn", "--mode", "smoke"], "--mode"),
        (&["churn", "--max-p99-ms", "dance=5"], "--max-p99-ms"),
        (&["churn", "--max-error-rate", "2"], "--max-error-rate"),
        (&["churn", "--metrics-url", "nowhere"], "--metrics-url"),
        (&["churn", "--workers", "0"], "--workers"),
        (&["churn", "--pid", "4194304000"], "--pid"),
        (&["churn", "--pid", "4294967295"], "--pid 4294967295"),
        (&["merge"], "FILE"),
        (&["merge", "no-such-file.json"], "no-such-file.json"),
        (&["merge", "Cargo.toml"], "Cargo.toml"),
    ] {
        let run = bare(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stderr.trim_end().lines().count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
    }
}

#[test]
fn help_names_the_scenarios_and_each_shows_an_example() {
    let run = bare(&["--help"]);
    assert_eq!(run.code, Some(0));
    for scenario in SCENARIOS {
        assert!(run.stdout.contains(scenario), "{scenario}: {}", run.stdout);
        let help = bare(&[scenario, "--help"]).stdout;
        assert!(help.contains(&format!("  passerby load {scenario}")), "{help}");
        assert!(help.contains("--target") && help.contains("PASSERBY_TARGET"), "{help}");
    }
    assert!(!run.stdout.contains("work"), "worker processes are nobody's business");
}
