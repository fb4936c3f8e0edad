use proptest::prelude::*;

use super::*;

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, line) in lines {
        headers.append(name.parse().unwrap(), line.parse().unwrap());
    }
    headers
}

/// Behind 10.0.0.0/8 and ::1.
fn client(peer: &str, lines: &[(&str, &str)]) -> (String, bool) {
    let client = proxies(None).client(peer.parse().unwrap(), &headers(lines));
    (client.address.to_string(), client.tls)
}

fn proxies(header: Option<ProxyHeader>) -> TrustedProxies {
    let ranges = ["10.0.0.0/8", "::1/128"].map(|range| range.parse::<IpNet>().unwrap());
    TrustedProxies::new(ranges.to_vec(), header)
}

fn address(peer: &str, name: &str, line: &str) -> String {
    client(peer, &[(name, line)]).0
}

#[test]
fn of_a_peer_that_is_not_trusted_no_header_counts() {
    for name in ["x-forwarded-for", "forwarded"] {
        for line in ["192.0.2.7", "for=192.0.2.7", "10.0.0.1"] {
            assert_eq!(address("203.0.113.9", name, line), "203.0.113.9");
        }
    }
    assert!(!client("203.0.113.9", &[("x-forwarded-proto", "https")]).1);
    assert_eq!(client("::ffff:203.0.113.9", &[]).0, "203.0.113.9");
    let nobody = TrustedProxies::default();
    let peer = "127.0.0.1".parse().unwrap();
    assert_eq!(nobody.client(peer, &headers(&[("x-forwarded-for", "1.2.3.4")])).address, peer);
}

#[test]
fn the_walk_goes_left_while_whoever_it_stands_at_is_trusted() {
    for (line, expected) in [
        ("192.0.2.7", "192.0.2.7"),
        ("6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("6.6.6.6, 192.0.2.7 ,10.1.1.1,10.2.2.2", "192.0.2.7"),
        ("10.3.3.3, 10.1.1.1", "10.3.3.3"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, ::ffff:10.1.1.1", "192.0.2.7"),
        ("6.6.6.6, unknown, 10.1.1.1", "10.1.1.1"),
        ("6.6.6.6, garbage", "10.0.0.1"),
        ("6.6.6.6,", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("é", "10.0.0.1"),
    ] {
        assert_eq!(address("10.0.0.1", "x-forwarded-for", line), expected, "{line}");
        assert_eq!(address("::ffff:10.0.0.1", "x-forwarded-for", line), expected, "{line}");
    }
    let lines = [("x-forwarded-for", "6.6.6.6, 192.0.2.7"), ("x-forwarded-for", "10.1.1.1")];
    assert_eq!(client("::1", &lines).0, "192.0.2.7");
}

#[test]
fn forwarded_is_read_as_the_standard_writes_it() {
    for (line, expected) in [
        ("for=192.0.2.7", "192.0.2.7"),
        ("For=\"192.0.2.7:47011\";proto=http;by=203.0.113.43", "192.0.2.7"),
        ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
        ("FOR=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"),
        ("for=6.6.6.6, for=192.0.2.7;host=\"a,b;c\", for=10.1.1.1", "192.0.2.7"),
        ("proto=http; for = 192.0.2.7 ;", "192.0.2.7"),
        ("for=6.6.6.6, for=unknown, for=10.1.1.1", "10.1.1.1"),
        ("for=6.6.6.6, for=_hidden, for=\"_SEVKISEK\"", "10.0.0.1"),
        ("for=6.6.6.6, by=10.1.1.1", "10.0.0.1"),
        ("for=6.6.6.6;for=7.7.7.7", "10.0.0.1"),
        ("for=6.6.6.6;proto=http;proto=https", "10.0.0.1"),
        ("for=\"6.6.6.6", "10.0.0.1"),
        ("for=\"6.6.6.\\6\"", "10.0.0.1"),
        ("for", "10.0.0.1"),
        ("\"", "10.0.0.1"),
    ] {
        assert_eq!(address("10.0.0.1", "forwarded", line), expected, "{line}");
    }
}

#[test]
fn both_headers_count_as_far_as_they_agree() {
    for (plain, tagged, expected) in [
        ("6.6.6.6, 192.0.2.7", "for=192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.1.1.1", "for=6.6.6.6, for=10.1.1.1", "10.1.1.1"),
        ("192.0.2.7", "for=6.6.6.6", "10.0.0.1"),
        ("192.0.2.7", "for=6.6.6.6, for=\"", "10.0.0.1"),
    ] {
        let lines = [("x-forwarded-for", plain), ("forwarded", tagged)];
        assert_eq!(client("10.0.0.1", &lines).0, expected, "{lines:?}");
    }
}

#[test]
fn the_first_trusted_proxy_says_whether_the_client_came_by_tls() {
    let tls = |lines: &[(&str, &str)]| client("10.0.0.1", lines).1;
    for (for_, proto, expected) in [
        ("192.0.2.7", "https", true),
        ("192.0.2.7", "WSS", true),
        ("192.0.2.7", "http", false),
        ("192.0.2.7, 10.1.1.1", "https", true),
        ("192.0.2.7, 10.1.1.1", "https, http", true),
        ("6.6.6.6, 192.0.2.7, 10.1.1.1", "https, http, https", false),
        ("6.6.6.6, 192.0.2.7", "https, http", false),
    ] {
        let lines = [("x-forwarded-for", for_), ("x-forwarded-proto", proto)];
        assert_eq!(tls(&lines), expected, "{lines:?}");
    }
    assert!(tls(&[("forwarded", "for=192.0.2.7;proto=https")]));
    assert!(tls(&[("forwarded", "for=192.0.2.7;proto=https, for=10.1.1.1;proto=http")]));
    assert!(!tls(&[("forwarded", "for=6.6.6.6;proto=https, for=192.0.2.7;proto=http")]));
    assert!(!tls(&[("x-forwarded-for", "192.0.2.7")]));
}

#[test]
fn an_address_does_not_print() {
    let client = TrustedProxies::default().client("192.0.2.7".parse().unwrap(), &HeaderMap::new());
    assert_eq!(format!("{client:?}"), "Client { tls: false, .. }");
}

/// What a client may send in a header: likely pieces, and anything that a header takes.
fn line() -> impl Strategy<Value = String> {
    let pieces = [
        "6.6.6.6",
        "for=6.6.6.6",
        "for=",
        "\"",
        "\\",
        ",",
        ";",
        "=",
        "unknown",
        "_x",
        " ",
        "10.0.0.1",
        "for=10.0.0.1",
        "[2001:db8::6]",
        "\"[2001:db8::6]:1\"",
        "proto=https",
        "é",
    ];
    let likely = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12);
    let entries = ["6.6.6.6", "for=6.6.6.6", "for=\"[2001:db8::6]:1\"", "10.0.0.1", "for=10.0.0.1"];
    let valid = prop::collection::vec(prop::sample::select(entries.to_vec()), 1..4);
    prop_oneof![
        likely.prop_map(|pieces| pieces.concat()),
        valid.prop_map(|entries| entries.join(", ")),
        "[ -~]{0,60}",
    ]
}

/// How a proxy adds the client: to the header's last line or as a line of its own.
fn add(lines: &mut Vec<(String, String)>, name: &str, entry: &str, own_line: bool) {
    let last = lines.iter_mut().rev().find(|(of, _)| of == name);
    match last.filter(|_| !own_line) {
        Some((_, line)) => *line = format!("{line}, {entry}"),
        None => lines.push((name.into(), entry.into())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_client_behind_a_proxy_does_not_choose_its_address(
        sent in prop::collection::vec((prop::bool::ANY, line()), 0..4),
        own_line: bool,
        written in prop::sample::select(vec![
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-for", "192.0.2.7:99"),
            ("forwarded", "for=192.0.2.7"),
            ("forwarded", "for=\"192.0.2.7:99\";proto=http;by=\"_x\""),
            ("forwarded", "proto=http;for=192.0.2.7"),
        ]),
    ) {
        let name = |tagged| if tagged { "forwarded" } else { "x-forwarded-for" };
        let mut lines: Vec<_> =
            sent.iter().map(|(tagged, line)| (name(*tagged).to_owned(), line.clone())).collect();
        let other = lines.iter().any(|(name, _)| name != written.0);
        add(&mut lines, written.0, written.1, own_line);
        let lines: Vec<_> = lines.iter().map(|(n, l)| (n.as_str(), l.as_str())).collect();
        let found = client("10.0.0.1", &lines).0;
        // With the header that the proxy does not write it is at most taken for the proxy.
        let masked = other && found == "10.0.0.1";
        prop_assert!(found == "192.0.2.7" || masked, "{found} by {lines:?}");
    }
}

#[test]
fn of_a_header_that_proxies_do_not_write_nothing_counts() {
    use ProxyHeader::{Forwarded, XForwardedFor};
    let both =
        headers(&[("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=198.51.100.9;proto=https")]);
    for (header, address, tls) in
        [(XForwardedFor, "192.0.2.7", false), (Forwarded, "198.51.100.9", true)]
    {
        let client = proxies(Some(header)).client("10.1.1.1".parse().unwrap(), &both);
        assert_eq!((client.address.to_string().as_str(), client.tls), (address, tls));
    }
    let other = headers(&[("forwarded", "for=198.51.100.9")]);
    let client = proxies(Some(XForwardedFor)).client("10.1.1.1".parse().unwrap(), &other);
    assert_eq!(client.address.to_string(), "10.1.1.1", "what is not there says nothing");
}
