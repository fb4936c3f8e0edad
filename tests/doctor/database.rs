//! The database.

use super::postgres::PostgresServer;
use super::run::{Folder, binary, closed, doctor};

#[test]
fn a_file_is_made_or_up_to_date_or_of_no_use() {
    let folder = Folder::new();
    doctor(&folder, &[]).is_fine("database", "is made at the first start");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    assert!(binary(&folder).arg("migrate").status().unwrap().success());
    doctor(&folder, &[]).is_fine("database", "up to date");
    folder.write("strange.db", &"no database ".repeat(100));
    let flags = ["--database-url", "sqlite:strange.db"];
    doctor(&folder, &flags).is_wrong("database", "not a database");
    let flags = ["--database-url", "sqlite:nowhere/a.db"];
    doctor(&folder, &flags).is_wrong("database", "can't be written to");
    let flags = ["--database-url", "sqlite::memory:"];
    doctor(&folder, &flags).has("warning", "database", "end with the process");
}

#[test]
fn sqlite_is_not_for_a_cluster() {
    let folder = Folder::new();
    let said = doctor(&folder, &["--cluster-url", "memory:2"]);
    said.has("warning", "database", "keeps its own reports and bans");
    said.ends_well();
}

#[test]
fn postgres_is_reached_and_written_and_not_changed() {
    let (folder, server) = (Folder::new(), PostgresServer::shared());
    let name = server.database();
    let url = format!("postgres://postgres@{}/{name}", server.address());
    let flags = ["--database-url", &url];
    for _ in 0..2 {
        let said = doctor(&folder, &flags);
        said.is_fine("database", "applies 1 migrations");
        said.ends_well();
    }
    server
        .sql("postgres", &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    doctor(&folder, &flags).is_wrong("database", "none can be made");
    server.sql("postgres", &format!("ALTER DATABASE {name} RESET ALL"));
    let migrated = binary(&folder).arg("migrate").env("PASSERBY_DATABASE_URL", &url).status();
    assert!(migrated.unwrap().success());
    doctor(&folder, &flags).is_fine("database", "up to date");
    server
        .sql("postgres", &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    doctor(&folder, &flags).is_wrong("database", "can't be written");
}

#[test]
fn postgres_that_is_away_is_said_without_its_password() {
    let folder = Folder::new();
    let url = format!("postgres://me:secret-word@{}/d", closed());
    let said = doctor(&folder, &["--database-url", &url]);
    said.is_wrong("database", "PostgreSQL can't be reached");
    said.never_says("secret-word");
}

#[test]
fn postgres_that_lets_nobody_in_is_told_from_one_that_is_away() {
    let (folder, server) = (Folder::new(), PostgresServer::shared());
    let name = server.database();
    // Of all users this one alone needs a password; a superuser writes the server's files.
    let hba = "COPY (VALUES ('host all guarded 127.0.0.1/32 scram-sha-256'), \
        ('host all all 127.0.0.1/32 trust'), ('local all all trust')) TO ";
    server.sql("postgres", "CREATE ROLE guarded SUPERUSER LOGIN PASSWORD 'the-right-word'");
    let write = format!(
        "DO $do$ BEGIN EXECUTE $$ {hba} $$ || quote_literal(current_setting('hba_file')); END $do$"
    );
    server.sql("postgres", &write);
    server.sql("postgres", "SELECT pg_reload_conf()");
    let ask = |user: &str, name: &str| {
        let url = format!("postgres://{user}@{}/{name}", server.address());
        doctor(&folder, &["--database-url", &url])
    };
    ask("guarded:the-right-word", &name).is_fine("database", "PostgreSQL can be written");
    for user in ["guarded:some-other-word", "nobody:some-other-word"] {
        let said = ask(user, &name);
        said.is_wrong("database", "does not let the user in");
        said.never_says("some-other-word");
    }
    ask("guarded:the-right-word", "nowhere").is_wrong("database", "has no such database");
}
