//! The ports of the page and of operations.

use super::gate::{Change, Gate};
use super::run::{Folder, Service, doctor};

#[test]
fn a_port_is_free_or_a_passerby_s_or_somebody_else_s() {
    let folder = Folder::new();
    doctor(&folder, &[]).is_fine("ports", "is free");
    let service = Service::start(&folder, &[]);
    let flags = ["--listen", &service.public, "--ops-listen", &service.operations];
    let said = doctor(&folder, &flags);
    said.is_fine("ports", "a Passerby runs there");
    said.ends_well();
    let other = Gate::start(&service.public, Change::Answer("HTTP/1.1 200 OK\r\n\r\nhello"));
    let flags = ["--listen", &other.address];
    doctor(&folder, &flags).is_wrong("ports", "is no Passerby");
    for elsewhere in ["192.0.2.1:8080", "192.0.2.1:80"] {
        let said = doctor(&folder, &["--listen", elsewhere]);
        said.is_wrong("ports", "name an address that this machine has");
    }
}
