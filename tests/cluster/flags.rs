//! What a node refuses.

use super::server::process::run_to_end;

#[test]
fn a_cluster_needs_a_secret_of_its_own_and_an_address_that_is_one() {
    let (code, said) = run_to_end(&["--cluster-url", "nats://127.0.0.1:4222"], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--secret") && said.lines().count() == 1, "{said}");
    for bad in ["nats://", "http://127.0.0.1", "memory:0", "nats://user:hunter2@h:x"] {
        let (code, said) =
            run_to_end(&["--cluster-url", bad, "--secret", "the same on all nodes"], &[]);
        assert_eq!(code, Some(2), "{bad}: {said}");
        assert!(said.lines().count() == 1 && !said.contains("hunter2"), "{said}");
    }
}
