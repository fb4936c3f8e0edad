//! STUN and TURN.

use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, SystemTime};

use super::gate::certificate;
use super::run::{Folder, Service, closed, doctor, doctor_trusting};

const SUBJECT: &str = "STUN and TURN";
const SECRET: &str = "a secret that is long enough";

#[test]
fn the_relay_inside_is_tried_before_it_runs() {
    let folder = Folder::new();
    let said = doctor(&folder, &["--turn=on", "--turn-listen", "127.0.0.1:0"]);
    for words in ["answers", "transport=udp allocates", "transport=tcp allocates"] {
        said.is_fine(SUBJECT, words);
    }
    said.ends_well();
    let said = doctor(&folder, &["--turn=on", "--turn-listen", "192.0.2.1:3478"]);
    said.is_wrong(SUBJECT, "can't start");
    doctor(&folder, &[]).has("warning", SUBJECT, "there is none");
}

#[test]
fn the_one_that_runs_has_to_have_the_same_secret() {
    let folder = Folder::new();
    let service = Service::start(&folder, &["--secret", SECRET]);
    let inside = ["--turn=on", "--turn-listen", &service.relay];
    let right = [&inside[..], &["--secret", SECRET]].concat();
    let said = doctor(&folder, &right);
    said.is_fine(SUBJECT, "transport=udp allocates");
    said.is_fine(SUBJECT, "transport=tcp allocates");
    let wrong = [&inside[..], &["--secret", "another that is long enough"]].concat();
    let said = doctor(&folder, &wrong);
    said.is_wrong(SUBJECT, "transport=udp refused with 401");
    said.is_wrong(SUBJECT, "transport=tcp refused with 401");
}

#[test]
fn a_port_that_another_program_has_is_told_with_its_flag() {
    let (folder, holder) = (Folder::new(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let taken = holder.local_addr().unwrap();
    let said = doctor(&folder, &["--turn=on", "--turn-listen", &taken.to_string()]);
    said.is_wrong(SUBJECT, &format!("--turn-listen {taken} is taken"));
    said.has("wrong", SUBJECT, &format!("ss -ltunp \"sport = :{}\"", taken.port()));
    said.never_says("did not answer");
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let (cert, key) = certificate("localhost", SystemTime::now() + Duration::from_secs(3 << 20));
    let (cert, key) = (folder.write("cert.pem", &cert), folder.write("key.pem", &key));
    let inside = ["--turn=on", "--turn-listen", "127.0.0.1:0", "--turn-tls-listen", &taken];
    let said =
        doctor(&folder, &[&inside[..], &["--turn-cert", &cert, "--turn-key", &key]].concat());
    said.is_wrong(SUBJECT, &format!("--turn-tls-listen {taken} is taken"));
}

#[test]
fn servers_elsewhere_are_asked_with_their_own_secret() {
    let folder = Folder::new();
    let service = Service::start(&folder, &["--secret", SECRET]);
    let (turn, stun) = (format!("turn:{}", service.relay), format!("stun:{}", service.relay));
    let flags = ["--turn-urls", &turn, "--stun-urls", &stun, "--turn-secret"];
    let said = doctor(&folder, &[&flags[..], &[SECRET]].concat());
    said.is_fine(SUBJECT, "answers");
    said.is_fine(SUBJECT, "allocates");
    doctor(&folder, &[&flags[..], &["no"]].concat()).is_wrong(SUBJECT, "--turn-secret");
    let (turn, stun) = (format!("turn:{}?transport=tcp", closed()), format!("stun:{}", closed()));
    let said = doctor(&folder, &["--turn-urls", &turn, "--stun-urls", &stun]);
    said.is_wrong(SUBJECT, "stun:127.0.0.1");
    said.is_wrong(SUBJECT, "firewalls let TCP through");
}

#[test]
fn an_address_that_only_this_machine_has_is_no_use_to_others() {
    let folder = Folder::new();
    let inside = ["--turn=on", "--turn-listen", "127.0.0.1:0", "--listen"];
    let said = doctor(&folder, &[&inside[..], &["0.0.0.0:0"]].concat());
    said.has("warning", SUBJECT, "browsers are told of 127.0.0.1");
    doctor(&folder, &[&inside[..], &["127.0.0.1:0"]].concat()).never_says("browsers are told");
}

#[test]
fn the_certificate_of_turns_is_looked_at() {
    let folder = Folder::new();
    let (cert, key) = certificate("localhost", SystemTime::now() + Duration::from_secs(3 << 20));
    let (cert, key) = (folder.write("cert.pem", &cert), folder.write("key.pem", &key));
    let inside = ["--turn=on", "--turn-listen", "127.0.0.1:0", "--turn-tls-listen", "127.0.0.1:0"];
    let files = ["--turn-cert", &cert, "--turn-key", &key, "--turn-host", "localhost"];
    let flags = [&inside[..], &files].concat();
    doctor_trusting(&cert, &folder, &flags).is_fine("TLS", "turns:localhost");
    doctor(&folder, &flags).is_wrong("TLS", "does not trust");
}
