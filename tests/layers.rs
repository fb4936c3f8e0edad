//! Imports only point down.
//!
//! Every file of `src` stands in exactly one layer. A file may use what stands
//! in its own layer or in a lower one; what it uses is read from its `crate::`
//! and `super::` paths, in `use` lines and elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The layers from the bottom, each with its files and folders. A `mod.rs` that
/// only declares stands where the highest of its modules does.
const LAYERS: [(&str, &[&str]); 7] = [
    ("vocabulary", &["ids.rs", "clock.rs", "identity/hashes.rs", "protocol/", "secret.rs"]),
    (
        "pure decisions",
        &[
            "exchange/channel.rs",
            "exchange/leases.rs",
            "exchange/awake.rs",
            "exchange/claims.rs",
            "exchange/waking.rs",
            "exchange/members.rs",
            "exchange/plan.rs",
            "exchange/seekers.rs",
            "exchange/trail.rs",
            "guard/",
            "identity/address.rs",
            "identity/cookie.rs",
            "identity/device.rs",
            "identity/mod.rs",
            "ice/credentials.rs",
            "ice/privacy.rs",
            "ice/urls.rs",
            "matchmaking/acquaintances.rs",
            "matchmaking/acquaintances/past.rs",
            "matchmaking/acquaintances/record.rs",
            "matchmaking/age_set.rs",
            "matchmaking/alarms.rs",
            "matchmaking/broker.rs",
            "matchmaking/config.rs",
            "matchmaking/fingerprint.rs",
            "matchmaking/gone.rs",
            "matchmaking/interests.rs",
            "matchmaking/interests/part.rs",
            "matchmaking/language_index.rs",
            "matchmaking/members.rs",
            "matchmaking/parts.rs",
            "matchmaking/person.rs",
            "matchmaking/policy.rs",
            "matchmaking/pool.rs",
            "matchmaking/proposal.rs",
            "matchmaking/queue.rs",
            "matchmaking/search.rs",
            "matchmaking/table.rs",
            "matchmaking/ticket.rs",
            "matchmaking/tickets.rs",
            "moderation/bans.rs",
            "moderation/bans/",
            "moderation/docket.rs",
            "moderation/docket/",
            "moderation/picture.rs",
            "moderation/picture/",
            "moderation/recent.rs",
            "moderation/record.rs",
            "moderation/thresholds.rs",
            "moderation/weights.rs",
            "privacy/",
            "session/ending.rs",
            "session/former.rs",
            "session/frame.rs",
            "session/inbound.rs",
            "session/lines.rs",
            "session/link.rs",
            "session/liveness.rs",
            "session/permit.rs",
            "session/state.rs",
            "session/state/",
            "session/token.rs",
            "turn/answer.rs",
            "turn/config.rs",
            "turn/crowd.rs",
            "turn/flood.rs",
            "turn/framing.rs",
            "turn/grants.rs",
            "turn/grants/",
            "turn/meter.rs",
            "turn/names.rs",
            "turn/nonce.rs",
            "turn/peers.rs",
            "turn/ports.rs",
            "turn/request.rs",
            "turn/reservations.rs",
            "turn/special.rs",
        ],
    ),
    (
        "ports and instruments",
        &[
            "cluster/mod.rs",
            "cluster/port.rs",
            "exchange/bridge.rs",
            "exchange/bridge/",
            "exchange/bridges.rs",
            "exchange/departures.rs",
            "exchange/gate.rs",
            "exchange/inquiry.rs",
            "exchange/letter.rs",
            "exchange/moving.rs",
            "exchange/post.rs",
            "exchange/road.rs",
            "ice/mod.rs",
            "ice/servers.rs",
            "metrics/",
            "session/bell.rs",
            "session/desk.rs",
            "session/handle.rs",
            "session/outbox.rs",
            "session/postbag.rs",
            "session/record.rs",
            "session/outbox/",
            "store/mod.rs",
            "store/port.rs",
            "store/url.rs",
            "telemetry/",
            "turn/authority.rs",
        ],
    ),
    ("adapters", &["cluster/local.rs", "cluster/local/", "cluster/nats/", "store/sql/"]),
    (
        "tasks",
        &[
            "exchange/courier.rs",
            "exchange/fetching.rs",
            "exchange/mod.rs",
            "exchange/office.rs",
            "exchange/office/",
            "exchange/placing.rs",
            "exchange/returning.rs",
            "exchange/running.rs",
            "exchange/spreading.rs",
            "exchange/standing.rs",
            "exchange/tracing.rs",
            "matchmaking/abroad.rs",
            "matchmaking/across.rs",
            "matchmaking/actor.rs",
            "matchmaking/host.rs",
            "matchmaking/mod.rs",
            "moderation/archive.rs",
            "moderation/handle.rs",
            "moderation/mod.rs",
            "moderation/testing.rs",
            "moderation/report.rs",
            "moderation/keeper.rs",
            "moderation/keeper/",
            "room/",
            "session/aftermath.rs",
            "session/attend.rs",
            "session/attendance.rs",
            "session/close.rs",
            "session/connection.rs",
            "session/dispatch.rs",
            "session/line.rs",
            "session/mod.rs",
            "session/separations.rs",
            "session/services.rs",
            "session/voice.rs",
            "session/warden.rs",
            "session/node.rs",
            "session/presence.rs",
            "session/registry.rs",
            "session/revive.rs",
            "session/writer.rs",
            "turn/access.rs",
            "turn/allocate.rs",
            "turn/allocation.rs",
            "turn/allocations.rs",
            "turn/attend.rs",
            "turn/client.rs",
            "turn/forward.rs",
            "turn/listen.rs",
            "turn/manage.rs",
            "turn/mod.rs",
            "turn/outbox.rs",
            "turn/relay.rs",
            "turn/relayed.rs",
            "turn/server.rs",
            "turn/server/",
            "turn/tcp.rs",
            "turn/threads.rs",
            "turn/tls.rs",
            "turn/udp.rs",
        ],
    ),
    ("edge", &["config/", "http/"]),
    (
        "composition",
        &[
            "announce.rs",
            "app.rs",
            "doctor.rs",
            "doctor/",
            "drain.rs",
            "handover.rs",
            "lib.rs",
            "listening.rs",
            "load/",
            "main.rs",
            "moderate.rs",
            "moderate/",
            "secret_file.rs",
            "safekeeping.rs",
            "service.rs",
            "signals.rs",
            "turn_alone.rs",
            "turn_server.rs",
            "ways.rs",
        ],
    ),
];

/// The files of a crate, by their path below `src`.
type Sources = BTreeMap<String, String>;

#[test]
fn every_file_stands_in_exactly_one_layer() {
    let sources = sources();
    for file in sources.keys() {
        let layers = LAYERS.iter().filter(|(_, entries)| entries.iter().any(|e| covers(e, file)));
        assert_eq!(layers.count(), 1, "src/{file} must stand in one layer of this test's table");
    }
    for entry in LAYERS.iter().flat_map(|(_, entries)| *entries) {
        assert!(sources.keys().any(|file| covers(entry, file)), "{entry} is not there any more");
    }
}

#[test]
fn imports_only_point_down() {
    let sources = sources();
    assert_eq!(upward(&sources), Vec::<String>::new());
    let paths = sources.iter().map(|(file, text)| used(file, text).len()).sum::<usize>();
    assert!(paths > 100, "only {paths} paths were seen");
}

#[test]
fn an_import_that_points_up_is_found_however_it_is_written() {
    for line in [
        "use crate::app;",
        "pub(crate) use crate::http::Front;",
        "use crate::{ids::RoomId, session::{handle::Session, state}};",
        "fn f() -> crate::matchmaking::host::Host { todo!() }",
        "use crate::room::{\n    part,\n    relay,\n};",
        "use super::actor::Matchmaker;",
    ] {
        let mut sources = sources();
        sources.get_mut("matchmaking/pool.rs").unwrap().insert_str(0, line);
        assert_ne!(upward(&sources), Vec::<String>::new(), "{line}");
    }
    let mut sources = sources();
    let harmless = "// use crate::app;\nuse crate::ids::RoomId;\nuse super::policy;\n";
    sources.get_mut("matchmaking/pool.rs").unwrap().insert_str(0, harmless);
    assert_eq!(upward(&sources), Vec::<String>::new());
}

/// All paths that point up, with the file that holds each.
fn upward(sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources {
        for path in used(file, text) {
            let Some(target) = resolve(sources, &path) else { continue };
            if layer(&target) > layer(file) {
                found.push(format!("{file} uses {target}"));
            }
        }
    }
    found
}

fn layer(file: &str) -> usize {
    let place = LAYERS.iter().position(|(_, entries)| entries.iter().any(|e| covers(e, file)));
    place.unwrap_or_else(|| panic!("src/{file} stands in no layer"))
}

/// Whether an entry of the table names `file` or a folder above it.
fn covers(entry: &str, file: &str) -> bool {
    entry == file || (entry.ends_with('/') && file.starts_with(entry))
}

/// The file of the innermost module on `path`; the rest of it names items.
fn resolve(sources: &Sources, path: &[String]) -> Option<String> {
    (1..=path.len()).rev().find_map(|length| {
        let module = path[..length].join("/");
        [format!("{module}.rs"), format!("{module}/mod.rs")]
            .into_iter()
            .find(|file| sources.contains_key(file))
    })
}

/// The paths in `text` that begin at the crate's root or above its module, all
/// from the root.
fn used(file: &str, text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    let code = lines.collect::<Vec<_>>().join("\n");
    // In the unit tests at a file's end, `super` is the file itself.
    let tests = code.find("#[cfg(test)]").unwrap_or(code.len());
    let mut found = paths(&code, "crate::", &[]);
    found.extend(paths(&code[..tests], "super::", &parent(file)));
    found
}

/// The module above that of `file`, from the root.
fn parent(file: &str) -> Vec<String> {
    let module = file.strip_suffix("/mod.rs").or(file.strip_suffix(".rs")).expect("a Rust file");
    let mut path: Vec<_> = module.split('/').map(String::from).collect();
    path.pop();
    path
}

fn paths(code: &str, root: &str, base: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(root) {
        let before = code[..at].chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
            branches(&code[at + root.len()..], base.to_vec(), &mut found);
        }
    }
    found
}

/// Follows a path, into every branch where it has braces; what stands behind.
fn branches<'a>(mut rest: &'a str, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> &'a str {
    rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner.trim_start();
        while !rest.starts_with('}') && !rest.is_empty() {
            rest = branches(rest, path.clone(), found).trim_start();
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        }
        return rest.strip_prefix('}').unwrap_or(rest);
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if rest[..end] == *"super" {
        path.pop();
    } else {
        path.push(rest[..end].to_owned());
    }
    rest = &rest[end..];
    if let Some(further) = rest.strip_prefix("::") {
        return branches(further, path, found);
    }
    found.push(path);
    // Past `*` and `as name`.
    rest.find([',', '}', ';']).map_or("", |end| &rest[end..])
}

fn sources() -> Sources {
    let mut sources = Sources::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    sources
}

fn read(folder: &Path, prefix: &str, sources: &mut Sources) {
    for entry in fs::read_dir(folder).expect("src can be read") {
        let entry = entry.expect("src can be read");
        let name = format!("{prefix}{}", entry.file_name().to_str().expect("names are UTF-8"));
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            sources.insert(name, fs::read_to_string(entry.path()).expect("src is UTF-8"));
        }
    }
}
