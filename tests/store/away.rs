//! Databases that can't be reached, are full or are broken, and come back.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use passerby::store::{DatabaseUrl, Store, sql};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::postgres::PostgresServer;
use crate::proxy::{Proxy, Way};
use crate::samples::{Wrapped, is_there, keep, report};
use crate::world::{Folder, NOW, away, until};

fn store(url: &str) -> Arc<dyn Store> {
    sql::open(&url.parse::<DatabaseUrl>().unwrap())
}

#[tokio::test]
async fn a_server_that_was_stopped_is_away_until_it_is_back() {
    let mut server = PostgresServer::start();
    let store = store(&format!("postgres://postgres@{}/{}", server.address(), server.database()));
    store.migrate().await.unwrap();
    let report = report(NOW);
    keep(&*store, &report).await;
    server.stop();
    for _ in 0..2 {
        away(store.report(report.id).await);
    }
    away(store.write(&Wrapped::from(&report).0).await);
    away(store.migrate().await);
    server.run();
    until("it is back", || async { store.report(report.id).await.is_ok() }).await;
    assert!(is_there(&*store, &report).await);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_away_until_it_does() {
    let server = PostgresServer::shared();
    let proxy = Proxy::start(server.address()).await;
    let address = proxy.url().replace("nats://", "");
    let store = store(&format!("postgres://postgres@{address}/{}", server.database()));
    store.migrate().await.unwrap();
    let report = report(NOW);
    keep(&*store, &report).await;
    for way in [Way::Stalled, Way::Cut] {
        proxy.set(way);
        away(store.report(report.id).await);
        proxy.set(Way::Open);
        until("it answers", || async { store.report(report.id).await.is_ok() }).await;
    }
}

/// Passes connections on. Those that are there at one moment then hear nothing any more,
/// not even their end, as when a machine fails; later ones are passed on again.
async fn deafening(server: String) -> (String, watch::Sender<u32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let deaf = watch::Sender::new(0);
    let moments = deaf.clone();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(&server).await.unwrap();
            let mut moment = moments.subscribe();
            tokio::spawn(async move {
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => (),
                    _ = moment.changed() => std::future::pending().await,
                }
            });
        }
    });
    (address, deaf)
}

#[tokio::test]
async fn connections_that_went_dumb_are_not_waited_for_again() {
    let server = PostgresServer::shared();
    let (address, deaf) = deafening(server.address()).await;
    let database = server.database();
    let direct = format!("postgres://postgres@{}/{database}", server.address());
    let store = store(&format!("postgres://postgres@{address}/{database}"));
    store.migrate().await.unwrap();
    let report = report(NOW);
    keep(&*store, &report).await;
    let mut other = PgConnection::connect(&direct).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE reports").execute(&mut other).await.unwrap();
    let reads = || join_all((0..4).map(|_| store.report(report.id)));
    // Each connection is in the middle of a statement when it goes dumb.
    let go_dumb = async {
        while waiting(&mut other, &database).await < 4 {
            tokio::task::yield_now().await;
        }
        deaf.send_modify(|moment| *moment += 1);
    };
    let (read, ()) = tokio::join!(reads(), go_dumb);
    read.into_iter().for_each(|read| drop(away(read)));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    reads().await.into_iter().for_each(|read| drop(read.unwrap()));
}

/// How many of a database wait for a lock.
async fn waiting(connection: &mut PgConnection, database: &str) -> i64 {
    let count = "SELECT COUNT(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid \
         WHERE NOT granted AND datname = $1";
    sqlx::query_scalar(count).bind(database).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said_without_the_password() {
    let server = PostgresServer::shared();
    let address = server.address();
    let nowhere = store(&format!("postgres://postgres:secret-word@{address}/no_such"));
    let why = away(nowhere.migrate().await);
    assert!(why.contains("no_such") && !why.contains("secret-word"), "{why}");
    let unknown = store(&format!("postgres://nobody:secret-word@{address}/postgres"));
    let why = away(unknown.migrate().await);
    assert!(why.contains("nobody") && !why.contains("secret-word"), "{why}");
}

#[tokio::test]
async fn who_may_only_use_the_tables_may_start() {
    let server = PostgresServer::shared();
    let (database, address) = (server.database(), server.address());
    let user = format!("user_of_{database}");
    let owner = store(&format!("postgres://postgres@{address}/{database}"));
    server.sql(&database, &format!("CREATE ROLE {user} LOGIN"));
    let served = store(&format!("postgres://{user}@{address}/{database}"));
    away(served.migrate().await);
    owner.migrate().await.unwrap();
    let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO";
    server.sql(&database, &format!("{grant} {user}"));
    served.migrate().await.unwrap();
    keep(&*served, &report(NOW)).await;
}

async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap()
}

#[tokio::test]
async fn a_file_that_somebody_locks_is_away_until_it_is_free() {
    let folder = Folder::new();
    let store = store(&folder.url("passerby.db"));
    store.migrate().await.unwrap();
    let mut other = raw(&folder.path().join("passerby.db")).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let report = report(NOW);
    away(store.write(&Wrapped::from(&report).0).await);
    assert_eq!(store.report(report.id).await.unwrap(), None, "readers don't wait");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    keep(&*store, &report).await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_away_until_it_is_made() {
    let folder = Folder::new();
    let store = store(&folder.url("deeper/passerby.db"));
    let why = away(store.migrate().await);
    assert!(why.contains("deeper/passerby.db"), "{why}");
    std::fs::create_dir(folder.path().join("deeper")).unwrap();
    store.migrate().await.unwrap();
    keep(&*store, &report(NOW)).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_away() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("passerby.db"), "row contents ".repeat(1000)).unwrap();
    let store = store(&folder.url("passerby.db"));
    assert!(!away(store.migrate().await).contains("contents"));
    away(store.write(&Wrapped::from(&report(NOW)).0).await);
}

#[tokio::test]
async fn a_database_of_a_newer_version_serves_and_one_that_was_changed_does_not() {
    let folder = Folder::new();
    let url = folder.url("passerby.db");
    store(&url).migrate().await.unwrap();
    let mut other = raw(&folder.path().join("passerby.db")).await;
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
         checksum, execution_time FROM _sqlx_migrations";
    sqlx::query(newer).execute(&mut other).await.unwrap();
    store(&url).migrate().await.unwrap();
    let changed = "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1";
    sqlx::query(changed).execute(&mut other).await.unwrap();
    let why = away(store(&url).migrate().await);
    assert!(why.contains("migration 1"), "{why}");
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let folder = Folder::new();
    let store = store(&folder.url("passerby.db"));
    store.migrate().await.unwrap();
    keep(&*store, &report(NOW)).await;
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap());
    let modes = files.map(|file| (file.file_name(), file.metadata().unwrap().permissions().mode()));
    let modes = modes.collect::<Vec<_>>();
    assert!(modes.len() > 1, "the journal is there: {modes:?}");
    for (name, mode) in modes {
        assert_eq!(mode & 0o777, 0o600, "{name:?}");
    }
}
