//! The clock.

use super::gate::{Change, Gate};
use super::postgres::PostgresServer;
use super::run::{Folder, Service, doctor};

#[test]
fn the_database_s_clock_is_compared() {
    let (folder, server) = (Folder::new(), PostgresServer::shared());
    let name = server.database();
    let url = format!("postgres://postgres@{}/{name}", server.address());
    let flags = ["--database-url", &url];
    doctor(&folder, &flags).is_fine("clock", "as the database has it");
    // Another clock, in place of the server's own.
    let clock = "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
        $$ SELECT pg_catalog.clock_timestamp() - interval '5 minutes' $$";
    server.sql(&name, clock);
    let path = format!("ALTER DATABASE {name} SET search_path = public, pg_catalog");
    server.sql("postgres", &path);
    doctor(&folder, &flags).is_wrong("clock", "before that of the database");
}

#[test]
fn the_proxy_s_clock_is_compared() {
    let folder = Folder::new();
    let service = Service::start(&folder, &[]);
    let url = format!("http://{}", service.public);
    doctor(&folder, &["--url", &url]).is_fine("clock", "as --url has it");
    let old = "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nalive";
    let gate = Gate::start(&service.public, Change::Answer(old));
    let url = format!("http://{}", gate.address);
    doctor(&folder, &["--url", &url]).is_wrong("clock", "before that of --url");
}
