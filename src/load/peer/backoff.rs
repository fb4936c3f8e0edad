//! When a person tries again, as the close codes have it.

use std::time::Duration;

use super::trouble::Trouble;

/// Before the first try; it doubles with each.
const FIRST: Duration = Duration::from_millis(500);
/// The same where the service is full.
const FIRST_BUSY: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(15);
/// Before another target is tried, as a load balancer does without being asked.
const NEXT_TARGET: Duration = Duration::from_millis(50);

/// How long to wait after this trouble and so many failures before it; none: the
/// code is final. `chance` in [0, 1) spreads people over the second half. Each of so
/// many targets is tried before people wait for longer.
pub(super) fn delay(
    trouble: &Trouble,
    failures: u32,
    targets: u32,
    chance: f64,
) -> Option<Duration> {
    let first = match trouble {
        Trouble::Closed(Some(1008 | 4001 | 4002)) => return None,
        Trouble::GoingAway => return Some(Duration::ZERO),
        trouble if trouble.turned_away() => FIRST_BUSY,
        _ => FIRST,
    };
    let (round, place) = (failures / targets, failures % targets);
    let whole = if place + 1 < targets {
        NEXT_TARGET
    } else {
        first.saturating_mul(2_u32.saturating_pow(round)).min(LONGEST)
    };
    Some(whole.mul_f64(0.5 + chance / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(trouble: Trouble, failures: u32) -> Option<u128> {
        delay(&trouble, failures, 1, 0.0).map(|delay| delay.as_millis())
    }

    #[test]
    fn close_codes_are_a_contract_on_retries() {
        assert_eq!(millis(Trouble::Refused, 0), Some(250));
        assert_eq!(millis(Trouble::Closed(Some(1001)), 1), Some(500));
        assert_eq!(millis(Trouble::Closed(Some(1013)), 0), Some(1000));
        assert_eq!(millis(Trouble::Closed(None), 99), Some(7500));
        assert_eq!(millis(Trouble::GoingAway, 5), Some(0));
        for code in [1008, 4001, 4002] {
            assert_eq!(millis(Trouble::Closed(Some(code)), 0), None);
        }
    }

    #[test]
    fn of_several_targets_each_is_tried_first() {
        let wait = |failures| delay(&Trouble::Status(503), failures, 3, 0.0).unwrap().as_millis();
        assert_eq!([0, 1, 2, 3, 4, 5].map(wait), [25, 25, 1000, 25, 25, 2000]);
    }
}
