//! How many files this process may have open.

/// Files that are no connections.
const SPARE: u64 = 100;
/// People of one process, where the limit allows: what two cores can play.
const PEOPLE_A_PROCESS: u32 = 15_000;

/// Raises the limit as far as it may be; how many connections that allows.
pub(super) fn raise() -> u32 {
    // Where it can't be raised it stays as it is, which is what counts.
    let limit = rlimit::increase_nofile_limit(u64::MAX)
        .or_else(|_| rlimit::Resource::NOFILE.get_soft())
        .unwrap_or(1024);
    u32::try_from(limit.saturating_sub(SPARE)).unwrap_or(u32::MAX)
}

/// How many crews so many people need, and whether each is a process of its own.
pub(super) fn crews(people: u32, allowed: u32, wanted: Option<u16>) -> u32 {
    match wanted {
        Some(wanted) => u32::from(wanted),
        None => people.div_ceil(PEOPLE_A_PROCESS.min(allowed).max(1)),
    }
}

/// A clear word where a process has more people than it may have files.
pub(super) fn short(people: u32, crews: u32, allowed: u32) -> Option<String> {
    let each = people.div_ceil(crews.max(1));
    (each > allowed).then(|| {
        format!(
            "{each} connections a process, but the open-file limit allows {allowed} and can't be raised: \
             more --workers, or a higher hard limit (ulimit -Hn)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_people_are_spread_over_processes() {
        assert_eq!(crews(15_000, 1_000_000, None), 1);
        assert_eq!(crews(15_001, 1_000_000, None), 2);
        assert_eq!(crews(15_000, 5_000, None), 3);
        assert_eq!(crews(10, 1_000_000, Some(4)), 4);
        assert_eq!(short(10_000, 2, 5_000), None);
        assert!(short(10_001, 2, 5_000).unwrap().contains("--workers"));
    }
}
